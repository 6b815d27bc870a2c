// Asks the server for the picture of the photo that is pointed at on the map, and hands the answer back to it: apart
// from the map, so that only this little part is drawn anew.

const parts = new WeakMap();

export default function (component) {
  const root = component.parentElement.querySelector(".map-picture");
  if (!parts.has(root)) {
    const part = {};
    const ask = (event) => {
      if (root.isConnected) part.component.setTriggerValue("asked", event.detail);
      else document.removeEventListener("masklab-map-point", ask);
    };
    document.addEventListener("masklab-map-point", ask);
    parts.set(root, part);
  }
  parts.get(root).component = component;
  const told = component.data;
  if (told.place >= 0) document.dispatchEvent(new CustomEvent("masklab-map-picture", { detail: told }));
}
