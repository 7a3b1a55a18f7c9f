"""The embedded gateway: a real Socket.IO and REST server with a living population.

Start reading in ``server``: it puts the parts together. ``people`` and ``generator`` say who lives there,
``lives`` what they do, ``presence`` who is here and who is told, ``registry`` who is connected;
``sockets``, ``rooms`` and the ``rest`` modules are the doors, as the wire contract describes them.
"""
