// The live feed of a campaign over a websocket that reconnects when it is lost, as a page's does.

import { WebSocket } from "k6/experimental/websockets";
import { Counter, Trend } from "k6/metrics";
import { SOCKET_URL } from "./environment.js";

const RECONNECT_MS_MAX = 2000;

const opened = new Counter("sockets_opened");
const lost = new Counter("sockets_lost");
const failed = new Counter("sockets_failed");
const opening = new Trend("socket_opening_duration", true);

export class LiveFeed {
  // `onFrame` is called with each frame as text, and with this object.
  constructor(campaign, { token, onFrame = () => {} } = {}) {
    this.address = `${SOCKET_URL}/ws/${campaign}`;
    // Not in the URL, where browsers have to put the token: URLs are in results.
    this.params = { headers: token ? { Authorization: `Bearer ${token}` } : {}, tags: { name: "feed" } };
    this.onFrame = onFrame;
    this.open = false;
    this.connect();
  }

  connect() {
    this.wanted = true;
    const began = Date.now();
    const socket = new WebSocket(this.address, null, this.params);
    let wasOpen = false;
    // An error may or may not be followed by a close, so both are handled alike and only once.
    const ended = () => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.open = false;
      (wasOpen ? lost : failed).add(1);
      setTimeout(() => this.wanted && this.connect(), Math.random() * RECONNECT_MS_MAX);
    };
    socket.onopen = () => {
      wasOpen = this.open = true;
      opened.add(1);
      opening.add(Date.now() - began);
    };
    socket.onmessage = (message) => this.onFrame(message.data, this);
    socket.onerror = ended;
    socket.onclose = ended;
    this.socket = socket;
  }

  send(text) {
    if (this.open) this.socket.send(text);
  }

  close() {
    this.wanted = false;
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    if (socket) socket.close();
  }

  // Reconnects at once, as all clients do when a server restarts.
  reopen() {
    this.close();
    this.connect();
  }
}

export function pause(ms) {
  return new Promise((done) => setTimeout(done, Math.max(0, ms)));
}
