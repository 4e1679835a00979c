// The page: sends the form, and draws a card for each order as its events come in.

const MAX_PORTRAIT = 32 * 1024 * 1024;
const STAGES = {
  waiting: "Waiting for its turn",
  rendering: "At HeyGen",
  saving: "Saving",
  done: "Done",
  failed: "Failed",
};

const form = document.querySelector("#order");
const problem = document.querySelector("#problem");
const template = document.querySelector("#card");
const list = document.querySelector("#cards");
const cards = new Map();

// One id for each order: sent again after a lost answer, it is still the same order.
let orderId = newId();
let busy = false;

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send() {
  const answer = await fetch(`/orders/${orderId}`, { method: "PUT", body: new FormData(form) });
  if (!answer.ok) return answer.text();
  form.reset();
  orderId = newId();
  return "";
}

async function submit(event) {
  event.preventDefault();
  if (busy) return;
  if (form.portrait.files[0].size > MAX_PORTRAIT) {
    problem.textContent = "The portrait is too large: 32 MB at most.";
    return;
  }
  busy = true;
  form.setAttribute("aria-busy", "true");
  problem.textContent = "";
  try {
    problem.textContent = await send();
  } catch {
    problem.textContent = "The app did not answer. Send it again; nothing is paid for twice.";
  }
  busy = false;
  form.removeAttribute("aria-busy");
}

async function offerVoices() {
  const answer = await fetch("/voices");
  if (!answer.ok) {
    problem.textContent = await answer.text();
    return;
  }
  for (const { id, name } of await answer.json()) form.voice.add(new Option(name, id));
}

function newCard({ script, portrait }) {
  const item = template.content.cloneNode(true).querySelector("li");
  item.querySelector("img").src = portrait;
  item.querySelector(".script").textContent = script;
  return item;
}

function draw(card) {
  const item = cards.get(card.id) ?? newCard(card);
  if (!cards.has(card.id)) {
    cards.set(card.id, item);
    list.prepend(item);
    document.querySelector("#empty").hidden = true;
  }
  item.dataset.stage = card.stage;
  const note = card.note && card.note !== card.stage ? `: ${card.note}` : "";
  const text = STAGES[card.stage] + note;
  const stage = item.querySelector(".stage");
  if (stage.textContent !== text) stage.textContent = text; // what stays the same is not read out
  item.querySelector("progress").hidden = card.stage === "done" || card.stage === "failed";
  if (card.video && !item.querySelector("video")) showVideo(item, card);
}

function showVideo(item, { video, portrait, script }) {
  const player = document.createElement("video");
  player.controls = true;
  player.preload = "metadata";
  player.playsInline = true;
  player.poster = portrait;
  player.src = video;
  player.setAttribute("aria-label", `Video: ${script.slice(0, 80)}`);
  item.querySelector("img").replaceWith(player);
}

form.addEventListener("submit", submit);
form.addEventListener("input", () => {
  orderId = newId(); // another text is another order
});
new EventSource("/events").addEventListener("message", (event) => draw(JSON.parse(event.data)));
offerVoices();
