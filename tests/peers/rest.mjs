// The REST routes of both versions. A route takes a request and returns {status, body}; it sends nothing.
import { identifyRequest } from './identity.mjs';
import { now } from './population.mjs';
import * as reply from './replies.mjs';
import { DAY_S } from './tokens.mjs';

const PASSWORD = 'not-a-real-secret';
const RANKS = ['creator', 'admin', 'moderator', 'member'];
const MEMBER_SEES = 99;
const COUNT_CAP = 199;
const PRESENCE_IDS = 200;

// As if it had been there for a day: a gateway that has just booted is told apart by a test alone.
const UPTIME_S = 86_400;

export class Rest {
  // While true the runtime knows of no socket, and the uptime is that of a boot.
  isBooting = false;
  // Keys that the runtime's answers leave out.
  leftOut = new Set();

  constructor({ profile, population, tokens }) {
    Object.assign(this, { profile, population, tokens });
  }

  route({ method, path, query, headers, body }) {
    if (method === 'GET' && path === '/health') return this.#health();
    const { prefix } = this.profile;
    const at = path.startsWith(`${prefix}/`) ? `${method} ${path.slice(prefix.length)}` : '';
    const who = identifyRequest(this, headers);
    const participants = /^GET \/conversations\/([^/]+)\/participants$/.exec(at);
    if (participants) return this.#participants(who, decodeURIComponent(participants[1]), query);
    if (at === 'GET /auth/me') return this.#forAccounts(who, (me) => reply.ok({ user: reply.userOf(me) }));
    if (at === 'POST /auth/login') return this.#login(body);
    if (at === 'POST /auth/refresh') return this.#refresh(body);
    if (at === 'GET /conversations') return this.#conversations(who, query);
    if (at === 'GET /users/presence' && this.profile.is2026) {
      return this.#forAccounts(who, (me) => this.#presence(me, query));
    }
    const join = /^POST \/anonymous\/join\/([^/]+)$/.exec(at);
    if (join) return this.#joinAsGuest(decodeURIComponent(join[1]), body);
    if (at === 'POST /anonymous/leave') return this.#leaveAsGuest(body);
    return reply.noRoute(method, path);
  }

  #health() {
    return {
      status: 200,
      body: {
        status: 'healthy',
        timestamp: now(),
        environment: 'test',
        version: '1.0.0',
        services: {
          database: { status: 'up', userCount: this.population.people.length },
          translation: { status: 'up' },
          websocket: { status: 'up' },
        },
        uptime: this.isBooting ? 5 : UPTIME_S + process.uptime(),
      },
    };
  }

  #forAccounts({ person, failure }, answer) {
    if (failure === 'none') return reply.stopped(401, 'Authentication required', 'AUTH_REQUIRED');
    if (failure === 'unknown-guest') return reply.stopped(401, 'Invalid session token', 'AUTH_FAILED');
    if (failure) return reply.stopped(401, 'Invalid JWT token', 'AUTH_FAILED');
    if (person.isGuest) return reply.stopped(403, 'Registered user required', 'REGISTERED_USER_REQUIRED');
    return answer(person);
  }

  // An unknown, an expired and no token are all a visitor here, and a visitor gets 403, never 401.
  #denied() {
    const text = this.profile.is2026 ? 'Access denied: you are not a member' : 'Accès refusé';
    return reply.refusal(this.profile, 403, text, 'CONVERSATION_ACCESS_DENIED');
  }

  #login(body) {
    const { me } = this.population;
    if (body?.username !== me.handle || body?.password !== PASSWORD) {
      return reply.refusal(this.profile, 401, 'Identifiants invalides');
    }
    return reply.ok({ user: reply.userOf(me), ...this.#session(me) });
  }

  #session(person) {
    const session = this.profile.is2026 ? { sessionToken: 'opaque-session' } : {};
    return { token: this.tokens.mint(claimsOf(person)), ...session, expiresIn: DAY_S };
  }

  #refresh(body) {
    const { claims, failure } = this.tokens.verify(body?.token);
    // The signature needs no database, whose it is does.
    if (claims && this.population.isAway) return reply.broken();
    // 2026 takes a genuine token of any age; 2025 wants one that is still good.
    if (!claims || (failure && !this.profile.is2026)) {
      return reply.refusal(this.profile, 401, 'Invalid token');
    }
    const person = this.population.byKey.get(claims.userId);
    if (!person) return reply.refusal(this.profile, 404, 'User not found');
    const user = this.profile.is2026 ? { user: reply.userOf(person) } : {};
    return reply.ok({ ...user, ...this.#session(person) });
  }

  #conversations({ person }, query) {
    if (!person) return this.#denied();
    const limits = this.profile.is2026 ? { usual: 30, max: 100 } : { usual: 15, max: 50 };
    const limit = readLimit(query, limits);
    if (!limit) return reply.invalid('limit', `must be <= ${limits.max}`);
    const offset = Number(query.get('offset') ?? 0);
    const all = person.isGuest && this.profile.is2026 ? [] : this.population.conversationsOf(person);
    const from = query.has('before') ? all.findIndex((it) => it.id === query.get('before')) + 1 : offset;
    const page = all.slice(from, from + limit);
    const hasMore = from + limit < all.length;
    const total = offset === 0 || query.get('includeCount') === 'true' ? all.length : 0;
    const pagination = { limit, offset, total, hasMore };
    if (!this.profile.is2026) return reply.ok(page.map(reply.conversation2025), { pagination });
    const cursorPagination = { limit, hasMore, nextCursor: page.at(-1)?.id ?? null };
    return reply.ok(page.map(reply.conversation2026), { pagination, cursorPagination });
  }

  #participants({ person }, id, query) {
    const conversation = this.population.find(id);
    if (!person || !conversation?.members.has(person)) return this.#denied();
    const members = [...conversation.members];
    if (!this.profile.is2026) return all2025(members, query);
    return page2026(person, members, query, (it) => this.population.nameIn(conversation, it));
  }

  // Both names have 1 to 50 characters; the user name may be left out.
  #joinAsGuest(link, body) {
    const conversation = this.population.find(link);
    if (!conversation) return reply.refusal(this.profile, 404, 'Link not found', 'LINK_NOT_FOUND');
    for (const field of ['firstName', 'lastName']) {
      const complaint = nameComplaint(field, body?.[field]);
      if (complaint) return reply.invalid(field, complaint, 'body');
    }
    const guest = this.population.welcomeGuest(conversation, body);
    const participant = { id: guest.key, username: guest.handle, displayName: guest.displayName };
    const { id, title } = conversation;
    const data = { sessionToken: guest.sessionToken, participant, conversation: { id, title }, linkId: link, id };
    return { ...reply.ok(data), status: 201 };
  }

  // The session is looked for in the body alone. An open socket stays, and nobody is told.
  #leaveAsGuest(body) {
    const guest = this.population.bySession.get(body?.sessionToken);
    if (!guest) return reply.refusal(this.profile, 404, 'Session not found');
    this.population.bySession.delete(guest.sessionToken);
    for (const { members } of this.population.conversationsOf(guest)) members.delete(guest);
    return reply.ok({ message: 'Left' });
  }

  #presence(me, query) {
    const ids = [...new Set((query.get('ids') ?? '').split(',').filter(Boolean))];
    if (!ids.length) return reply.refusal(this.profile, 400, 'ids is required');
    if (ids.length > PRESENCE_IDS) {
      return reply.refusal(this.profile, 400, `Max ${PRESENCE_IDS} ids per request`);
    }
    const told = ids.filter((userId) => !this.leftOut.has(userId));
    return reply.ok({ users: told.map((userId) => this.#runtimeRow(me, userId)) });
  }

  // Strangers and hidden people are false and null; guests are shown to everybody.
  #runtimeRow(me, userId) {
    const person = this.population.byKey.get(userId);
    const isShown = person && !person.isHidden && (person.isGuest || this.population.share(me, person));
    if (person !== me && !isShown) return { userId, isOnline: false, lastActiveAt: null };
    return { userId, isOnline: person.isOnline && !this.isBooting, lastActiveAt: person.lastActiveAt };
  }
}

export const claimsOf = (person) => ({ userId: person.key, username: person.handle, role: 'USER' });

function readLimit(query, { usual, max }) {
  const limit = Number(query.get('limit') ?? usual);
  return Number.isInteger(limit) && limit >= 1 && limit <= max ? limit : null;
}

function nameComplaint(field, value) {
  if (value === undefined) return `must have required property '${field}'`;
  if (typeof value !== 'string') return 'must be string';
  if (!value.length) return 'must NOT have fewer than 1 characters';
  return value.length > 50 ? 'must NOT have more than 50 characters' : null;
}

function page2026(viewer, members, query, nameOf) {
  const limit = readLimit(query, { usual: 20, max: 100 });
  const onlineOnly = query.get('onlineOnly');
  const rank = query.get('role');
  if (!limit) return reply.invalid('limit', 'must be <= 100');
  if (!['true', 'false', null].includes(onlineOnly)) {
    return reply.invalid('onlineOnly', 'must be equal to one of the allowed values');
  }
  if (rank !== null && !RANKS.includes(rank)) {
    return reply.invalid('role', 'must be equal to one of the allowed values');
  }
  const search = query.get('search')?.toLowerCase();
  const rows = visibleTo(viewer, members)
    .map((person) => ({ ...reply.participant2026(person), displayName: nameOf(person) }))
    .filter((row) => onlineOnly !== 'true' || row.isOnline)
    .filter((row) => !rank || row.conversationRole === rank)
    .filter((row) => !search || row.displayName.toLowerCase().includes(search))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const cursor = query.get('cursor');
  const place = cursor === null ? 0 : rows.findIndex((row) => row.id === cursor) + 1;
  // A cursor nobody knows any more ends the paging.
  const from = cursor !== null && place === 0 ? rows.length : place;
  const page = rows.slice(from, from + limit);
  const hasMore = from + limit < rows.length;
  return reply.ok(page, {
    pagination: {
      nextCursor: hasMore ? page.at(-1).id : null,
      hasMore,
      totalCount: Math.min(rows.length, COUNT_CAP),
      ...(rows.length > COUNT_CAP && { totalCountCapped: true }),
    },
  });
}

function visibleTo(viewer, members) {
  if (viewer.rank !== 'member') return [...members];
  const lately = (person) => Date.parse(person.lastActiveAt ?? 0);
  return [...members].sort((a, b) => lately(b) - lately(a)).slice(0, MEMBER_SEES);
}

function all2025(members, query) {
  const search = query.get('search')?.toLowerCase();
  // Here `role` is the global one, and filters do not touch guests.
  const role = query.get('role');
  const accounts = members
    .filter((person) => !person.isGuest)
    .map(reply.participant2025)
    .filter((row) => query.get('onlineOnly') !== 'true' || row.isOnline)
    .filter((row) => !role || row.role === role)
    .filter((row) => !search || `${row.username} ${row.displayName}`.toLowerCase().includes(search))
    .sort((a, b) => b.isOnline - a.isOnline || a.displayName.localeCompare(b.displayName));
  const take = Number(query.get('limit')) || accounts.length;
  const guests = members.filter((person) => person.isGuest).map(reply.participant2025);
  return reply.ok([...accounts.slice(0, take), ...guests]);
}
