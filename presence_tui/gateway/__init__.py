"""The embedded gateway: a real Socket.IO and REST server with a simulated population.

Start reading in ``server``, which assembles the parts. ``directory`` and ``generator`` define the population,
``simulator`` what it does, ``presence`` who is online and who is notified, ``connection_registry`` who is
connected, ``access`` who a client is. ``sockets``, ``rooms`` and the ``rest`` modules implement the wire
contract; ``payloads`` has the rows and fields that they share.
"""
