// The official socket.io-client that only counts: the baseline of the benches. Prints events a second.
import { io } from 'socket.io-client';

const socket = io(process.argv[2], { transports: ['websocket'], reconnection: false });
let count = 0;
let began = 0n;
socket.on('authenticated', () => process.stdout.write('ready\n'));
socket.on('user:status', () => {
  if (count === 0) began = process.hrtime.bigint();
  count += 1;
});
socket.on('recording:over', () => {
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  process.stdout.write(`${JSON.stringify({ events: count, events_a_second: count / seconds })}\n`);
  socket.disconnect();
});
