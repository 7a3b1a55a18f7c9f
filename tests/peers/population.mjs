// The people, the conversations and the truth about who is there. Deterministic: same options, same people.

const FIRST = ['Nadia', 'Oskar', 'Mina', 'Teo', 'Chloé', 'Blaise', 'Ada', 'Dmitri', 'Ines', 'Kofi'];
const LAST = ['Ferreira', 'Lind', 'Okafor', 'Brandt', 'Moreau', 'Haddad', 'Silva'];
const TITLES = ['Harbour crew', 'Lighthouse', 'Night shift', 'Dry dock'];
const ascii = (text) => text.normalize('NFD').replace(/[^a-zA-Z]/g, '').toLowerCase();

export class Population {
  constructor(profile, { participants, conversations, isDeserted = false, database }) {
    this.profile = profile;
    this.people = database?.people ?? Array.from({ length: participants }, (_, index) => this.#person(index));
    // At its boot the newer gateway resets every flag; in the older one they survive.
    const isForgotten = database ? profile.is2026 : isDeserted;
    if (isForgotten) for (const person of this.people) person.isOnline = false;
    this.me = this.people[0];
    this.byKey = new Map(this.people.map((person) => [person.key, person]));
    this.bySession = new Map(
      this.people.filter((person) => person.isGuest).map((person) => [person.sessionToken, person]),
    );
    this.conversations =
      database?.conversations.map((row) => this.#restored(row)) ??
      Array.from({ length: conversations }, (_, index) => this.#conversation(index));
  }

  // What outlives the process, as JSON takes it.
  database() {
    const conversations = this.conversations.map(({ members, banned, nicknames, ...rest }) => ({
      ...rest,
      members: [...members].map((it) => it.key),
      banned: [...banned].map((it) => it.key),
      nicknames: [...nicknames],
    }));
    return { people: this.people, conversations };
  }

  #restored({ members, banned, nicknames, ...rest }) {
    const found = (keys) => new Set(keys.map((key) => this.byKey.get(key)));
    return { ...rest, members: found(members), banned: found(banned), nicknames: new Map(nicknames) };
  }

  #id(kind, index) {
    return this.profile.idStart + kind + (index + 1).toString(16).padStart(20, '0');
  }

  #person(index) {
    const isGuest = index % 6 === 5;
    const first = FIRST[index % FIRST.length];
    const last = LAST[index % LAST.length];
    const name = isGuest ? `ano_${ascii(first)}${index}` : `${first} ${last}`;
    const participantId = this.#id(isGuest ? 'cc' : 'ee', index);
    const isOnline = index % 2 === 1;
    const joinedAt = new Date(Date.parse(this.profile.firstJoinAt) + index * 60_000).toISOString();
    return {
      key: isGuest ? participantId : this.#id(this.profile.is2026 ? 'aa' : 'bb', index),
      participantId,
      isGuest,
      handle: index === 0 ? 'observer01' : isGuest ? name : `${ascii(first)}.${index}`,
      displayName: index === 0 ? 'Observer' : name,
      firstName: isGuest ? name : first,
      lastName: isGuest ? '' : last,
      // The observer is a moderator: plain members are served only the 99 most active participants.
      rank: index === 0 ? 'moderator' : index === 1 ? 'creator' : 'member',
      sessionToken: isGuest ? `guest-session-${index}` : null,
      joinedAt,
      isOnline,
      // The preference showOnlineStatus is off.
      isHidden: false,
      lastActiveAt: index % 10 === 4 ? null : ago(index * (isOnline ? 7 : 90)),
    };
  }

  #conversation(index) {
    const title = TITLES[index % TITLES.length] + (index < TITLES.length ? '' : ` ${index}`);
    return {
      id: this.#id('dd', index),
      identifier: `mshy_${ascii(title)}${index || ''}`,
      title,
      // Guests live in exactly one conversation; the further ones are small.
      members: new Set(index === 0 ? this.people : this.people.slice(0, 3)),
      // Names that people have in this conversation alone, by presence key.
      nicknames: new Map(),
      // Who may not come back before the ban is lifted.
      banned: new Set(),
    };
  }

  // A guest who enters by a link; only the newer version changes the user name.
  welcomeGuest(conversation, { username, firstName, lastName }) {
    const index = this.people.length;
    const given = username ?? `${ascii(firstName)}_${ascii(lastName).slice(0, 2)}`;
    const name = this.profile.is2026 ? `ano_${given}` : given;
    const participantId = this.#id('cc', index);
    const guest = {
      ...this.#person(index),
      ...{ key: participantId, participantId, isGuest: true, handle: name, displayName: name },
      ...{ firstName, lastName, rank: 'member', sessionToken: `guest-session-${index}` },
      ...{ joinedAt: now(), isOnline: false, lastActiveAt: null },
    };
    this.people.push(guest);
    this.byKey.set(guest.key, guest);
    this.bySession.set(guest.sessionToken, guest);
    conversation.members.add(guest);
    return guest;
  }

  openConversation(title, members) {
    const conversation = { ...this.#conversation(this.conversations.length), title };
    conversation.members = new Set(members);
    this.conversations.push(conversation);
    return conversation;
  }

  forgetConversation(conversation) {
    this.conversations = this.conversations.filter((it) => it !== conversation);
  }

  nameIn(conversation, person) {
    return conversation.nicknames.get(person.key) ?? person.displayName;
  }

  share(one, other) {
    return this.conversations.some((it) => it.members.has(one) && it.members.has(other));
  }

  find(idOrIdentifier) {
    return this.conversations.find((it) => it.id === idOrIdentifier || it.identifier === idOrIdentifier);
  }

  conversationsOf(person) {
    return this.conversations.filter((it) => it.members.has(person));
  }

  // Everybody of their conversations, once, and without self.
  peersOf(person) {
    const peers = new Set(this.conversationsOf(person).flatMap((it) => [...it.members]));
    peers.delete(person);
    return [...peers];
  }

  truth() {
    return Object.fromEntries(
      this.people.map((person) => [
        person.key,
        {
          isOnline: person.isOnline,
          lastActiveAt: person.lastActiveAt,
          handle: person.handle,
          displayName: person.displayName,
          participantId: person.participantId,
          isGuest: person.isGuest,
          sessionToken: person.sessionToken,
        },
      ]),
    );
  }
}

export const now = () => new Date().toISOString();
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
