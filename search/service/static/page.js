// Live progress: the server renders each study, this puts it in its place. And uploads, which a form cannot send raw.

const list = document.querySelector("[data-live]");

function place(name) {
  const card = document.createElement("article");
  card.dataset.study = name;
  return card;
}

if (list) {
  const cards = new Map([...list.children].map((card) => [card.dataset.study, card]));
  const connection = document.querySelector("[data-connection]");
  const stream = new EventSource(list.dataset.live);
  stream.addEventListener("studies", (event) => {
    const names = JSON.parse(event.data);
    for (const name of names) if (!cards.has(name)) cards.set(name, place(name));
    for (const name of [...cards.keys()]) if (!names.includes(name)) cards.delete(name);
    list.replaceChildren(...names.map((name) => cards.get(name)));
  });
  stream.addEventListener("study", (event) => {
    const { name, card } = JSON.parse(event.data);
    const place = cards.get(name);
    if (!place) return;
    const hadFocus = place.contains(document.activeElement);
    place.innerHTML = card;
    if (hadFocus) place.querySelector("button")?.focus();
  });
  stream.onopen = () => { connection.hidden = true; };
  stream.onerror = () => { connection.hidden = false; };
}

const file = document.querySelector("[data-upload]");
if (file) {
  const message = document.querySelector("[data-upload-message]");
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    if (!chosen) return;
    const format = chosen.name.split(".").pop().toLowerCase();
    message.textContent = `sending ${chosen.name} …`;
    const answer = await fetch(`/v1/data?format=${encodeURIComponent(format)}`, {
      method: "POST", body: chosen, headers: { "Content-Type": "application/octet-stream" },
    });
    const told = await answer.json();
    message.textContent = answer.ok ? `${chosen.name} is on the server` : told.detail;
    if (answer.ok) file.form.elements.data.value = told.data;
  });
}
