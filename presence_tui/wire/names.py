"""Event names of the gateway, as both contract versions spell them (wire contract, section 8.2)."""

from typing import Final

# Gateway to client.
AUTHENTICATED: Final = "authenticated"
TOKEN_EXPIRED: Final = "auth:token-expired"
SESSION_REVOKED: Final = "auth:session-revoked"
ERROR: Final = "error"
SNAPSHOT: Final = "presence:snapshot"
STATUS: Final = "user:status"
STATUS_AS_FIRST_SPECIFIED: Final = "USER_STATUS"
TYPING_START: Final = "typing:start"
TYPING_STOP: Final = "typing:stop"
HEARTBEAT_ACK: Final = "heartbeat:ack"
CONVERSATION_JOINED: Final = "conversation:joined"
CONVERSATION_LEFT: Final = "conversation:left"
JOIN_ERROR: Final = "conversation:join-error"
CONVERSATION_STATS: Final = "conversation:stats"
ONLINE_STATS: Final = "conversation:online_stats"
PARTICIPANT_JOINED: Final = "conversation:participant-joined"
PARTICIPANT_LEFT: Final = "conversation:participant-left"
ROLE_UPDATED: Final = "participant:role-updated"

# Client to gateway.
AUTHENTICATE: Final = "authenticate"
CONVERSATION_JOIN: Final = "conversation:join"
CONVERSATION_LEAVE: Final = "conversation:leave"
HEARTBEAT: Final = "heartbeat"
