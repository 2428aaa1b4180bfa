// The map of grids, cases and cameras, without a base map: OpenLayers on a canvas. The big screen and
// the page of a case draw with it. It needs vendor/ol.js, which is a plain script.

const CALM = matchMedia("(prefers-reduced-motion: reduce)").matches;
const PULSE_MS = 6_000;

/** Fills of grids by open cases: the first step that holds. */
const STEPS = [
  [0, "rgba(24, 74, 110, 0.30)"],
  [1, "rgba(38, 132, 170, 0.50)"],
  [3, "rgba(66, 176, 206, 0.60)"],
  [6, "rgba(236, 178, 84, 0.62)"],
  [10, "rgba(240, 112, 92, 0.68)"],
];

const fillOf = (count) => STEPS.findLast(([from]) => count >= from)[1];

/** The outline of many polygons: the sides that only one of them has. */
function outline(polygons) {
  const sides = new Map();
  for (const ring of polygons.flat()) {
    for (let i = 1; i < ring.length; i += 1) {
      const [a, b] = [String(ring[i - 1]), String(ring[i])];
      const back = `${b} ${a}`;
      if (sides.has(back)) sides.delete(back);
      else sides.set(`${a} ${b}`, [ring[i - 1], ring[i]]);
    }
  }
  return [...sides.values()];
}

/**
 * Draws into `target`.
 * @param {HTMLElement} target
 * @param {{grids?: string, cases?: string, cameras?: string, point?: [number, number], still?: boolean}} from
 *   addresses of GeoJSON; `point` is one place to show; `still` takes the dragging away.
 */
export function drawMap(target, from) {
  const { ol } = window;
  const { Style, Fill, Stroke, Text, Circle } = ol.style;
  const font = getComputedStyle(document.documentElement).getPropertyValue("--font");
  const format = new ol.format.GeoJSON({ featureProjection: "EPSG:3857" });
  const layer = (style, more = {}) =>
    new ol.layer.Vector({ source: new ol.source.Vector(), style, updateWhileAnimating: true, ...more });
  let counts = new Map();
  const pulses = new Map();

  const gridStyles = new Map();
  const gridStyle = (feature, resolution) => {
    const count = counts.get(feature.getId()) ?? 0;
    const named = count > 0 && resolution < 90;
    const key = `${count} ${named}`;
    if (!gridStyles.has(key)) {
      gridStyles.set(key, new Style({
        fill: new Fill({ color: fillOf(count) }),
        stroke: new Stroke({ color: "rgba(110, 190, 220, 0.28)", width: 0.7 }),
        text: named ? new Text({
          text: String(count), font: `600 12px ${font}`, offsetY: 13,
          fill: new Fill({ color: "#f2f8fc" }), stroke: new Stroke({ color: "#06121f", width: 3 }),
        }) : undefined,
      }));
    }
    return gridStyles.get(key);
  };
  const townshipStyle = (feature) => feature.get("name")
    ? new Style({ text: new Text({
      text: feature.get("name"), font: `600 14px ${font}`,
      fill: new Fill({ color: "#d6ecf7" }), stroke: new Stroke({ color: "rgba(6, 18, 31, 0.9)", width: 4 }),
    }) })
    : new Style({ stroke: new Stroke({ color: "rgba(87, 203, 230, 0.75)", width: 1.4 }) });
  const dot = (radius, color, ring) => new Style({
    image: new Circle({
      radius, fill: new Fill({ color }), stroke: new Stroke({ color: ring ?? "rgba(6, 18, 31, 0.9)", width: ring ? 2.2 : 1 }),
    }),
  });
  const caseStyles = {
    reported: dot(4.5, "#ffc15c"), accepted: dot(4.5, "#57cbe6"),
    reportedLate: dot(6, "#ffc15c", "#ff6f63"), acceptedLate: dot(6, "#57cbe6", "#ff6f63"),
  };
  const caseStyle = (feature) => {
    const own = caseStyles[`${feature.get("status") === "reported" ? "reported" : "accepted"}${feature.get("overdue") ? "Late" : ""}`];
    const since = pulses.get(feature.getId());
    if (since === undefined) return own;
    const age = (performance.now() - since) / PULSE_MS;
    const wave = CALM ? 0.5 : (age * 4) % 1;
    return [own, new Style({
      image: new Circle({ radius: 6 + wave * 22, stroke: new Stroke({ color: `rgba(142, 224, 242, ${0.9 - wave * 0.85})`, width: 2 }) }),
    })];
  };

  const layers = {
    grids: layer(gridStyle, { declutter: false }),
    townships: layer(townshipStyle, { declutter: true }),
    cameras: layer(dot(1.8, "rgba(160, 190, 210, 0.55)", undefined)),
    cases: layer(caseStyle),
  };
  const map = new ol.Map({
    target,
    layers: Object.values(layers),
    controls: [],
    interactions: from.still ? [] : ol.interaction.defaults.defaults({ mouseWheelZoom: true, altShiftDragRotate: false, pinchRotate: false }),
    view: new ol.View({ center: ol.proj.fromLonLat([107.36, 35.33]), zoom: 10, maxZoom: 18 }),
  });

  async function ask(address) {
    const answer = await fetch(address, { headers: { accept: "application/geo+json" } });
    if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
    return answer.json();
  }

  /** Labels stand in the middle of a township's grids. */
  function townships(collection) {
    const source = layers.townships.getSource();
    source.clear();
    for (const { code, name } of collection.townships ?? []) {
      const own = collection.features.filter((one) => one.properties.township === code);
      const lines = outline(own.map((one) => one.geometry.coordinates));
      const shape = new ol.geom.MultiLineString(lines).transform("EPSG:4326", "EPSG:3857");
      source.addFeature(new ol.Feature({ geometry: shape }));
      const middle = ol.extent.getCenter(shape.getExtent());
      source.addFeature(new ol.Feature({ geometry: new ol.geom.Point(middle), name }));
    }
  }

  async function loadGrids() {
    const collection = await ask(from.grids);
    layers.grids.getSource().clear();
    layers.grids.getSource().addFeatures(format.readFeatures(collection));
    townships(collection);
    const extent = layers.grids.getSource().getExtent();
    if (collection.features.length && !from.point) map.getView().fit(extent, { padding: [12, 12, 12, 12] });
    return { grids: collection.features.length, members: collection.members };
  }

  async function loadCases() {
    const collection = await ask(from.cases);
    layers.cases.getSource().clear();
    layers.cases.getSource().addFeatures(format.readFeatures(collection));
  }

  async function loadCameras() {
    const collection = await ask(from.cameras);
    layers.cameras.getSource().clear();
    layers.cameras.getSource().addFeatures(format.readFeatures(collection));
    return { cameras: collection.features.length };
  }

  let turning = false;
  function turn() {
    const now = performance.now();
    for (const [id, since] of pulses) if (now - since > PULSE_MS) pulses.delete(id);
    layers.cases.changed();
    turning = pulses.size > 0;
    if (turning) setTimeout(() => requestAnimationFrame(turn), CALM ? PULSE_MS : 40);
  }

  if (from.point) {
    const place = ol.proj.fromLonLat(from.point);
    layers.cases.getSource().addFeature(new ol.Feature({ geometry: new ol.geom.Point(place), status: "accepted" }));
    map.getView().setCenter(place);
    map.getView().setZoom(15);
  }

  return {
    map,
    loadGrids,
    loadCases,
    loadCameras,
    /** Open cases by grid. @param {Map<string, number>} now */
    count(now) {
      counts = now;
      layers.grids.changed();
    },
    /** A case as a frame tells it: put, moved, or taken away when it is over. */
    take(frame) {
      const source = layers.cases.getSource();
      let feature = source.getFeatureById(frame.id);
      if (!frame.open || frame.lon === null) {
        if (feature) source.removeFeature(feature);
        return;
      }
      const place = ol.proj.fromLonLat([frame.lon, frame.lat]);
      if (!feature) {
        feature = new ol.Feature({ overdue: false });
        feature.setId(frame.id);
        source.addFeature(feature);
      }
      feature.setGeometry(new ol.geom.Point(place));
      feature.set("status", frame.status);
      pulses.set(frame.id, performance.now());
      if (!turning) turn();
    },
    /** Whether a case is late. */
    late(id, overdue) {
      layers.cases.getSource().getFeatureById(id)?.set("overdue", overdue);
    },
    /** Shows the cameras, or not. */
    cameras(shown) {
      layers.cameras.setVisible(shown);
    },
  };
}
