// The shapes of REST answers: envelopes, the several kinds of errors, and the rows of lists.
import { now } from './population.mjs';

export const ok = (data, more = {}) => ({ status: 200, body: { success: true, data, ...more } });

export const refusal = (profile, status, error, code) => ({
  status,
  body: profile.is2026
    ? { success: false, error, message: error, ...(code && { code }) }
    : { success: false, error },
});

// The middleware in front of the handlers answers without `success`.
export const stopped = (status, error, code) => ({ status, body: { error, code } });

export const invalid = (field, message, place = 'querystring') => ({
  status: 400,
  body: {
    error: 'Validation Error',
    message: `${place}/${field} ${message}`,
    code: 'VALIDATION_ERROR',
    statusCode: 400,
    details: [{ field, message }],
    timestamp: now(),
  },
});

export const broken = () => ({
  status: 500,
  body: { error: 'Internal Server Error', message: 'An unexpected error occurred', statusCode: 500, timestamp: now() },
});

export const noRoute = (method, path) => ({
  status: 404,
  body: { message: `Route ${method}:${path} not found`, error: 'Not Found', statusCode: 404 },
});

export const userOf = (person) => ({
  id: person.key,
  username: person.handle,
  displayName: person.displayName,
  role: 'USER',
  isOnline: person.isOnline,
  lastActiveAt: person.lastActiveAt,
});

// For an account these columns are about as old as the membership: only guests have their own updated.
const column2026 = (person) => ({
  isOnline: person.isGuest && person.isOnline,
  lastActiveAt: person.isGuest ? person.lastActiveAt : person.joinedAt,
});

export const participant2026 = (person) => ({
  id: person.participantId,
  participantId: person.participantId,
  userId: person.isGuest ? null : person.key,
  type: person.isGuest ? 'anonymous' : 'user',
  username: person.handle,
  firstName: person.firstName,
  lastName: person.lastName,
  displayName: person.displayName,
  avatar: null,
  role: 'USER',
  conversationRole: person.rank,
  joinedAt: person.joinedAt,
  ...column2026(person),
  isActive: true,
  isAnonymous: person.isGuest,
});

export function participant2025(person) {
  const row = {
    id: person.key,
    username: person.handle,
    displayName: person.displayName,
    isOnline: person.isOnline,
  };
  // A guest's last activity is its joining, whatever it did since.
  if (person.isGuest) {
    const lastSeen = person.joinedAt;
    return { ...row, role: 'MEMBER', lastSeen, lastActiveAt: lastSeen, isAnonymous: true };
  }
  return {
    ...row,
    userId: person.key,
    firstName: person.firstName,
    lastName: person.lastName,
    email: `${person.handle}@example.test`,
    role: 'USER',
    conversationRole: person.rank === 'creator' ? 'ADMIN' : person.rank.toUpperCase(),
    lastSeen: person.lastActiveAt,
    lastActiveAt: person.lastActiveAt,
  };
}

export const conversation2026 = ({ id, identifier, title, members }) => ({
  id,
  identifier,
  title,
  type: 'group',
  memberCount: Math.min(members.size, 199),
  ...(members.size > 199 && { memberCountCapped: true }),
  participants: [...members].slice(0, 5).map((person) => ({
    id: person.participantId,
    conversationId: id,
    userId: person.isGuest ? null : person.key,
    type: person.isGuest ? 'anonymous' : 'user',
    displayName: person.displayName,
    role: person.rank,
    joinedAt: person.joinedAt,
    isActive: true,
    lastActiveAt: column2026(person).lastActiveAt,
    // The list overrides the flag by the live one, here and in `user`.
    isOnline: person.isOnline,
    user: person.isGuest ? null : userOf(person),
  })),
  lastMessageAt: null,
});

export const conversation2025 = ({ id, identifier, title, members }) => ({
  id,
  identifier,
  title,
  type: 'group',
  members: [...members]
    .filter((person) => !person.isGuest)
    .slice(0, 5)
    .map((person) => ({ userId: person.key, user: userOf(person) })),
  anonymousParticipants: [...members]
    .filter((person) => person.isGuest)
    .slice(0, 3)
    .map((person) => ({ id: person.key, username: person.handle, isOnline: person.isOnline })),
  lastMessageAt: null,
});
