// Who becomes a member and who is one no longer, and what is told of it: the room, personal rooms, or both.
// In 2025 nobody is told of anything here.
import { now } from './population.mjs';

export class Memberships {
  constructor({ profile, population, sockets }) {
    Object.assign(this, { profile, population, sockets });
  }

  // A member adds an account: everybody but the newcomer is told.
  add(conversation, person) {
    this.#admit(conversation, person);
    const audience = this.#audience(conversation);
    conversation.members.add(person);
    const room = this.profile.room(conversation.id);
    const { id: conversationId } = conversation;
    this.#tell(audience, 'conversation:participant-joined', {
      ...this.#about(conversation, person),
      joinedAt: now(),
    });
    this.#tell([room], 'conversation:joined', { conversationId, userId: person.key });
  }

  // An account enters by a link or an invitation: a system message and an update are all there is.
  enterByLink(conversation, person) {
    this.#admit(conversation, person);
    conversation.members.add(person);
    this.systemMessage(conversation, { kind: 'member-joined', displayName: person.displayName });
    this.update(conversation);
  }

  remove(conversation, person) {
    const audience = this.#audience(conversation);
    this.#strike(conversation, person);
    this.#tell(audience, 'conversation:participant-left', {
      ...this.#about(conversation, person),
      leftAt: now(),
    });
  }

  // `DELETE …/delete-for-me`, and the end of a guest's link.
  removeSilently(conversation, person) {
    this.population.bySession.delete(person.sessionToken);
    this.#strike(conversation, person);
  }

  ban(conversation, person) {
    const audience = this.#audience(conversation);
    conversation.banned.add(person);
    this.#strike(conversation, person);
    this.#tell(audience, 'conversation:participant-banned', {
      ...this.#about(conversation, person),
      ...{ bannedBy: { id: this.population.people[1].key }, bannedAt: now(), membershipEnded: true },
    });
  }

  unban(conversation, person) {
    conversation.banned.delete(person);
    conversation.members.add(person);
    this.#tell(this.#audience(conversation), 'conversation:participant-unbanned', {
      ...this.#about(conversation, person),
      membershipRestored: true,
    });
  }

  open(title, people) {
    const conversation = this.population.openConversation(title, people);
    this.#tell(this.sockets.personalRooms([conversation]), 'conversation:new', {
      conversationId: conversation.id,
      conversationType: 'group',
      title,
      creatorId: people[0].key,
      participantIds: people.map((it) => it.key),
      createdAt: now(),
    });
    return conversation;
  }

  update(conversation, title) {
    if (title !== undefined) conversation.title = title;
    this.#tell(this.#audience(conversation), 'conversation:updated', {
      conversationId: conversation.id,
      ...(title !== undefined && { title }),
      updatedBy: { id: this.population.people[1].key },
      updatedAt: now(),
    });
  }

  // Closed or deleted: nobody is a member any more.
  end(conversation, { isDeleted }) {
    const audience = this.sockets.personalRooms([conversation]);
    const by = this.population.people[1].key;
    for (const person of [...conversation.members]) this.#strike(conversation, person);
    this.population.forgetConversation(conversation);
    this.#tell(audience, isDeleted ? 'conversation:deleted' : 'conversation:closed', {
      conversationId: conversation.id,
      ...(isDeleted ? { deletedBy: by, deletedAt: now() } : { closedBy: by, closedAt: now() }),
    });
  }

  // The account has another name; the names it has in conversations stay.
  rename(person, displayName) {
    person.displayName = displayName;
    const conversations = this.population.conversationsOf(person);
    this.#tell(this.sockets.personalRooms(conversations), 'user:updated', {
      userId: person.key,
      changes: { displayName },
    });
  }

  systemMessage(conversation, metadata = {}) {
    this.#tell([this.profile.room(conversation.id)], 'message:new', {
      id: 'a-message',
      conversationId: conversation.id,
      messageType: 'system',
      messageSource: 'system',
      content: '',
      metadata,
      createdAt: now(),
    });
  }

  #admit(conversation, person) {
    if (conversation.banned.has(person)) throw new Error(`${person.key} is banned`);
  }

  #about(conversation, person) {
    const count = conversation.members.size;
    return {
      conversationId: conversation.id,
      userId: person.key,
      displayName: person.displayName,
      memberCount: Math.min(count, 199),
      memberCountCapped: count > 199,
    };
  }

  // The room and the personal rooms of its members of now.
  #audience(conversation) {
    return [this.profile.room(conversation.id), ...this.sockets.personalRooms([conversation])];
  }

  #strike(conversation, person) {
    conversation.members.delete(person);
    for (const socket of this.sockets.socketsOf(person)) socket.leave(this.profile.room(conversation.id));
  }

  #tell(rooms, event, payload) {
    if (this.profile.is2026 && rooms.length) this.sockets.io.to(rooms).emit(event, payload);
  }
}
