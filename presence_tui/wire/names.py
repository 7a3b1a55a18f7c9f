"""Event names of the gateway in both contract versions (wire contract, section 8.2)."""

from typing import Final

# Gateway to client.
AUTHENTICATED: Final = "authenticated"
TOKEN_EXPIRED: Final = "auth:token-expired"
SESSION_REVOKED: Final = "auth:session-revoked"
ERROR: Final = "error"
SNAPSHOT: Final = "presence:snapshot"
STATUS: Final = "user:status"
ANALYTICS: Final = "allowAnalytics"
"""A preference that needs consent to data processing (section 3.7)."""

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
PARTICIPANT_BANNED: Final = "conversation:participant-banned"
PARTICIPANT_UNBANNED: Final = "conversation:participant-unbanned"
ROLE_UPDATED: Final = "participant:role-updated"
CONVERSATION_NEW: Final = "conversation:new"
CONVERSATION_UPDATED: Final = "conversation:updated"
CONVERSATION_CLOSED: Final = "conversation:closed"
CONVERSATION_DELETED: Final = "conversation:deleted"
USER_UPDATED: Final = "user:updated"
MESSAGE_NEW: Final = "message:new"

# Client to gateway.
AUTHENTICATE: Final = "authenticate"
CONVERSATION_JOIN: Final = "conversation:join"
CONVERSATION_LEAVE: Final = "conversation:leave"
HEARTBEAT: Final = "heartbeat"

KNOWN: Final = frozenset(
    {
        AUTHENTICATED,
        TOKEN_EXPIRED,
        SESSION_REVOKED,
        ERROR,
        SNAPSHOT,
        STATUS,
        ANALYTICS,
        STATUS_AS_FIRST_SPECIFIED,
        TYPING_START,
        TYPING_STOP,
        HEARTBEAT_ACK,
        CONVERSATION_JOINED,
        CONVERSATION_LEFT,
        JOIN_ERROR,
        CONVERSATION_STATS,
        ONLINE_STATS,
        PARTICIPANT_JOINED,
        PARTICIPANT_LEFT,
        PARTICIPANT_BANNED,
        PARTICIPANT_UNBANNED,
        ROLE_UPDATED,
        CONVERSATION_NEW,
        CONVERSATION_UPDATED,
        CONVERSATION_CLOSED,
        CONVERSATION_DELETED,
        USER_UPDATED,
        MESSAGE_NEW,
    }
)
"""Every event that a gateway is known to send."""
