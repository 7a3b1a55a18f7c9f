// Conversation rooms: joining, leaving, and the statistics that come with a join.
import { now } from './population.mjs';

const JOINS_PER_MINUTE = 30;
const ONLINE_STATS_EVERY_MS = 10_000;

export function answerRooms({ io, profile, population }) {
  // Both gateways serve these for an hour from a cache, so they contradict the live state: kept so on purpose.
  const statistics = new Map();
  const joins = new Map();

  function joinOwn(socket, person) {
    if (profile.is2026) socket.join([`user:${person.key}`, `feed:${person.key}`]);
    // A 2025 guest is put in a room named after the link, and hears nothing until it joins by hand.
    const isLost = !profile.is2026 && person.isGuest;
    for (const { id } of population.conversationsOf(person)) socket.join(profile.room(isLost ? 'link' : id));
  }

  function listen(socket) {
    socket.on('conversation:join', (payload) => (profile.is2026 ? join2026 : join2025)(socket, payload));
    socket.on('conversation:leave', (payload) => leave(socket, payload));
  }

  function join2026(socket, payload) {
    const given = payload?.conversationId;
    const refuse = (reason) => {
      const conversationId = typeof given === 'string' ? given : '';
      socket.emit('conversation:join-error', { conversationId, reason, message: reason.replaceAll('_', ' ') });
    };
    const isValid = typeof given === 'string' && given.length > 0 && given.length <= 255;
    if (!isValid) return refuse('invalid_payload');
    const person = socket.data.person;
    if (!person) return refuse('not_authenticated');
    if (!withinBudget(person)) return refuse('rate_limited');
    const conversation = population.find(given);
    if (!conversation?.members.has(person)) return refuse('not_a_member');
    return admit(socket, conversation);
  }

  function join2025(socket, payload) {
    const given = payload?.conversationId;
    if (typeof given !== 'string') return;
    const conversation = population.find(given);
    socket.join(profile.room(conversation?.id ?? given));
    if (conversation && socket.data.person) admit(socket, conversation);
  }

  function admit(socket, conversation) {
    const person = socket.data.person;
    socket.join(profile.room(conversation.id));
    socket.emit('conversation:joined', { conversationId: conversation.id, userId: person.key });
    if (person.isGuest && profile.is2026) return;
    socket.emit('conversation:stats', { conversationId: conversation.id, stats: statsOf(conversation) });
  }

  function leave(socket, payload) {
    const conversation = population.find(payload?.conversationId);
    const person = socket.data.person;
    if (!conversation || !person) return;
    socket.leave(profile.room(conversation.id));
    socket.emit('conversation:left', { conversationId: conversation.id, userId: person.key });
  }

  function withinBudget(person) {
    const since = Date.now() - 60_000;
    const recent = (joins.get(person.key) ?? []).filter((at) => at > since);
    joins.set(person.key, [...recent, Date.now()]);
    return recent.length < JOINS_PER_MINUTE;
  }

  function statsOf(conversation) {
    if (!statistics.has(conversation.id)) statistics.set(conversation.id, freshStats(conversation));
    return statistics.get(conversation.id);
  }

  // Only the 2025 gateway repeats the cached list to the room.
  const beat = profile.is2026 ? undefined : setInterval(repeatStatistics, ONLINE_STATS_EVERY_MS);

  function repeatStatistics() {
    for (const [conversationId, { onlineUsers, updatedAt }] of statistics) {
      const payload = { conversationId, onlineUsers, updatedAt };
      io.to(profile.room(conversationId)).emit('conversation:online_stats', payload);
    }
  }

  return { joinOwn, listen, quiet: () => clearInterval(beat) };
}

function freshStats({ members }) {
  const onlineUsers = [...members]
    .filter((person) => person.isOnline && !person.isGuest)
    .map(({ key, handle, firstName, lastName }) => ({ id: key, username: handle, firstName, lastName }));
  return {
    messagesPerLanguage: { en: 3 },
    participantCount: members.size,
    participantsPerLanguage: { en: members.size },
    onlineUsers,
    updatedAt: now(),
  };
}
