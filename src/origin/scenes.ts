import type { Landscape, Ridge } from './landscape.ts';

/** Ridges that come nearer: from `far` to `near` in colour, each lower in the picture, its foot in `fog`. */
function range(
  count: number,
  look: { far: number; near: number; fog: number; from: number; to: number; rise: number; relief: number },
): Ridge[] {
  return Array.from({ length: count }, (_, i) => {
    const t = count === 1 ? 1 : i / (count - 1);
    return {
      colour: between(look.far, look.near, t),
      fog: between(look.fog, look.near, t * t * 0.75),
      line: look.from + (look.to - look.from) * t,
      rise: look.rise * (1 - t * 0.45),
      roughness: 0.56 - t * 0.08,
      relief: look.relief * (0.35 + t * 0.65),
    };
  });
}

function between(from: number, to: number, share: number): number {
  let colour = 0;
  for (const bits of [16, 8, 0]) {
    const [a, b] = [(from >> bits) & 255, (to >> bits) & 255];
    colour |= Math.round(a + (b - a) * share) << bits;
  }
  return colour;
}

const firs = (colour: number, line: number, trees: number): Ridge => ({
  colour,
  fog: colour,
  line,
  rise: 0.08,
  roughness: 0.45,
  relief: 0.5,
  trees,
});

export const scenes: readonly Landscape[] = [
  {
    title: 'Blue hour over the range',
    sky: [0x16294d, 0x5f7fae, 0xf1c9a5],
    horizon: 0.62,
    stars: 60,
    ridges: range(5, {
      far: 0x8d9fc0,
      near: 0x141f33,
      fog: 0xc9bfc2,
      from: 0.52,
      to: 0.93,
      rise: 0.34,
      relief: 0.5,
    }),
  },
  {
    title: 'Lake before sunrise',
    sky: [0x33476f, 0xc98a86, 0xffd9a0],
    horizon: 0.6,
    sun: { x: 0.58, y: 0.52, radius: 0.035, colour: 0xfff3d0, glow: 0.75 },
    clouds: { colour: 0xe7a58f, cover: 0.46, soft: 0.35 },
    ridges: [
      ...range(3, {
        far: 0xa27f8d,
        near: 0x2a2a3c,
        fog: 0xe9b79d,
        from: 0.54,
        to: 0.63,
        rise: 0.28,
        relief: 0.45,
      }),
      firs(0x14161f, 0.665, 0.06),
    ],
    water: { from: 0.66, tint: 0x2b3350, ripple: 0.6 },
  },
  {
    title: 'First snow',
    sky: [0x3f78b5, 0x8fb8dc, 0xe3eef6],
    horizon: 0.6,
    clouds: { colour: 0xffffff, cover: 0.5, soft: 0.28 },
    ridges: [
      { colour: 0x6d7f96, fog: 0xb9c8d8, line: 0.5, rise: 0.52, roughness: 0.58, relief: 0.9, snow: 0.3 },
      { colour: 0x4f5e6c, fog: 0x8fa0ae, line: 0.68, rise: 0.36, roughness: 0.56, relief: 0.9, snow: 0.55 },
      firs(0x1d2f2c, 0.86, 0.11),
      firs(0x12201f, 0.97, 0.17),
    ],
  },
  {
    title: 'Northern lights',
    sky: [0x050b1c, 0x0b1d33, 0x1c4450],
    horizon: 0.68,
    stars: 420,
    aurora: 0x4dffb0,
    ridges: [
      { colour: 0x1b2c3f, fog: 0x27495a, line: 0.66, rise: 0.24, roughness: 0.56, relief: 0.7 },
      firs(0x071013, 0.745, 0.1),
    ],
    water: { from: 0.75, tint: 0x06121c, ripple: 0.35 },
  },
  {
    title: 'Dunes',
    sky: [0x4f83b8, 0xa9c6d8, 0xf6e3c2],
    horizon: 0.55,
    sun: { x: 0.22, y: 0.2, radius: 0.03, colour: 0xfffbe8, glow: 0.7 },
    ridges: [0.58, 0.66, 0.78, 0.93].map((line, i) => ({
      colour: [0xe0b27c, 0xd69a5b, 0xc17f43, 0x98592e][i]!,
      fog: [0xeecfa2, 0xe8bd85, 0xdba269, 0xb87542][i]!,
      line,
      rise: 0.2,
      roughness: 0.3,
      relief: 0.28,
    })),
  },
  {
    title: 'Red evening at sea',
    sky: [0x2a1b45, 0xb2405a, 0xffa54f],
    horizon: 0.58,
    sun: { x: 0.5, y: 0.5, radius: 0.06, colour: 0xffe9a8, glow: 0.9 },
    clouds: { colour: 0x5b2750, cover: 0.44, soft: 0.3 },
    ridges: [],
    water: { from: 0.58, tint: 0x2a1535, ripple: 1 },
  },
  {
    title: 'Mist in the firs',
    sky: [0x9fb3b5, 0xc3cfcb, 0xe4e7df],
    horizon: 0.5,
    ridges: [0.42, 0.54, 0.68, 0.86].map((line, i) => ({
      ...firs([0x9db0ae, 0x6f8885, 0x3c5553, 0x152422][i]!, line, 0.07 + i * 0.05),
      fog: [0xd3dcd7, 0xc0ccc8, 0x93a6a2, 0x1c302d][i]!,
      rise: 0.2,
    })),
  },
  {
    title: 'Moon over the pass',
    sky: [0x0b1330, 0x24355f, 0x5a6f94],
    horizon: 0.65,
    sun: { x: 0.7, y: 0.22, radius: 0.05, colour: 0xf4f1e2, glow: 0.38 },
    stars: 260,
    ridges: range(4, {
      far: 0x4c5f86,
      near: 0x0a1020,
      fog: 0x6d80a2,
      from: 0.55,
      to: 0.92,
      rise: 0.42,
      relief: 0.8,
    }),
  },
  {
    title: 'Green hills after rain',
    sky: [0x5d7f9d, 0xa5bcc6, 0xe9ecdc],
    horizon: 0.5,
    clouds: { colour: 0xf3f4f0, cover: 0.62, soft: 0.4 },
    ridges: [0.48, 0.58, 0.7, 0.85].map((line, i) => ({
      colour: [0x8aa79b, 0x6f9a6a, 0x4f8346, 0x2d5c2c][i]!,
      fog: [0xb8c9bd, 0x9bbb8b, 0x79a662, 0x47793c][i]!,
      line,
      rise: 0.22,
      roughness: 0.38,
      relief: 0.4,
      ...(i === 2 ? { trees: 0.05 } : {}),
    })),
  },
  {
    title: 'Canyon at noon',
    sky: [0x2f6fb3, 0x79aad6, 0xd9e6ea],
    horizon: 0.48,
    ridges: [0.42, 0.55, 0.7, 0.88].map((line, i) => ({
      colour: [0xc79a86, 0xbf7150, 0xa44f30, 0x6d2f1f][i]!,
      fog: [0xdcbba8, 0xd08f6d, 0xb96a45, 0x7f3c27][i]!,
      line,
      rise: 0.26,
      roughness: 0.52,
      relief: 1,
    })),
  },
  {
    title: 'Fjord',
    sky: [0x46647f, 0x8fa9b8, 0xd5dcd6],
    horizon: 0.55,
    clouds: { colour: 0xdfe6e6, cover: 0.55, soft: 0.35 },
    ridges: [
      { colour: 0x71879a, fog: 0xaebcc4, line: 0.48, rise: 0.5, roughness: 0.54, relief: 0.7, snow: 0.5 },
      { colour: 0x3f5560, fog: 0x6f858c, line: 0.58, rise: 0.4, roughness: 0.52, relief: 0.9 },
      { colour: 0x26373a, fog: 0x3c5252, line: 0.66, rise: 0.2, roughness: 0.5, relief: 0.8, trees: 0.02 },
    ],
    water: { from: 0.68, tint: 0x1f3a45, ripple: 0.45 },
  },
  {
    title: 'Rose dawn',
    sky: [0x8a86b8, 0xe3b1bf, 0xffe6d4],
    horizon: 0.6,
    clouds: { colour: 0xfff3f0, cover: 0.5, soft: 0.4 },
    ridges: range(6, {
      far: 0xcba7bd,
      near: 0x4b3a5c,
      fog: 0xf3d2cf,
      from: 0.48,
      to: 0.95,
      rise: 0.24,
      relief: 0.4,
    }),
  },
  {
    title: 'Milky Way',
    sky: [0x080a18, 0x131a33, 0x2e3450],
    horizon: 0.78,
    stars: 1600,
    clouds: { colour: 0x4b4a78, cover: 0.55, soft: 0.7 },
    ridges: [
      { colour: 0x111527, fog: 0x1b2138, line: 0.8, rise: 0.2, roughness: 0.55, relief: 0.5 },
      firs(0x05070c, 0.95, 0.2),
    ],
  },
  {
    title: 'Golden larches',
    sky: [0x356aa6, 0x86b0d6, 0xe8efef],
    horizon: 0.55,
    ridges: [
      { colour: 0x7d8a9c, fog: 0xb7bfc6, line: 0.48, rise: 0.46, roughness: 0.58, relief: 1, snow: 0.42 },
      { ...firs(0xc88a2b, 0.66, 0.07), fog: 0xd9a648, rise: 0.16 },
      { ...firs(0xa5641c, 0.78, 0.1), fog: 0xb87a2a, rise: 0.12 },
      { ...firs(0x4c3a1c, 0.93, 0.13), fog: 0x5c4622 },
    ],
  },
];
