// What differs between the two gateway versions, as constants. `is2026` guards what is behaviour.

export const PROFILES = {
  'meeshy-2026': {
    name: 'meeshy-2026',
    is2026: true,
    prefix: '/api/v1',
    pingInterval: 25_000,
    pingTimeout: 20_000,
    idStart: '66',
    firstJoinAt: '2026-07-01T10:00:00.000Z',
    room: (id) => `conversation:${id}`,
    transport: {
      perMessageDeflate: {
        threshold: 256,
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
      },
      httpCompression: { threshold: 256 },
    },
  },
  'meeshy-2025': {
    name: 'meeshy-2025',
    is2026: false,
    prefix: '/api',
    pingInterval: 25_000,
    pingTimeout: 10_000,
    idStart: '65',
    firstJoinAt: '2025-09-01T10:00:00.000Z',
    room: (id) => `conversation_${id}`,
    transport: {},
  },
};
