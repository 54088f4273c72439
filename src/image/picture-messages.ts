import type { Json } from '../core/json.ts';
import type { StageSpec } from '../core/stage.ts';

/** What is asked of a picture, all of it in one trip. */
export interface PictureTask {
  /** Every pixel of all frames and pages is decoded, as strictly as can be. */
  check: boolean;
  /** What is made of it; null for nothing. */
  stage: StageSpec | null;
  /** Its bytes are an SVG, which its user asked for; without it SVG is refused. */
  svg: boolean;
}

/**
 * What looking at a picture came to; `late`: nothing, in the time that there was. `reason` is a clause without
 * paths, fit to be shown.
 */
export type PictureFault = { state: 'corrupt' | 'too-many-pixels' | 'late'; reason: string };
export type Verdict = { state: 'whole' } | PictureFault;

/** `made` is there where a stage was asked for. */
export type PictureAnswer = { state: 'whole'; made?: Made } | PictureFault;

/** What the stage made of a picture. */
export interface Made {
  /** Pixels of the original, turned as its EXIF says. */
  width: number;
  height: number;
  /** Names and values of its EXIF, where it has one that can be read. */
  exif?: Record<string, Json>;
  /** Where it was asked for, and the picture is not of one colour all over. */
  phash?: string;
  /** Where a BlurHash was asked for: RGBA of `smallSide` x `smallSide`, what `blurhashOf` takes. */
  small?: Uint8Array;
  /** What is to be stored; null: the bytes that were received. */
  file: NewFile | null;
}

export interface NewFile {
  bytes: Uint8Array;
  /** Without a dot. */
  ext: string;
  mime: string;
  /** Pixels, of one frame. */
  width: number;
  height: number;
}

/**
 * Pixels of all frames together that are decoded, or made, at most: the largest square whose side fits into 14 bits,
 * which is also what the library allows by itself. The largest cameras take 200 million.
 */
export const mostPixels = 0x3fff ** 2;

/** Frames of an animation that are worked on at most. */
export const mostFrames = 10_000;

/** Bytes of a picture that are decoded at most: they are held in memory once, by its process. */
export const mostBytes = 512 * 1024 * 1024;

/** What a picture process is told. */
export interface PictureRequest {
  /** The picture, or the path of the file that it has to itself. */
  picture: Uint8Array | string;
  task: PictureTask;
}

/** The file of a picture could not be read: nothing that the picture is to blame for. */
export interface Unreadable {
  state: 'unreadable';
  message: string;
  /** The system's, as in EIO. */
  code: string | undefined;
}

/** What a process has used since its start. */
export interface ProcessUsage {
  /** User and system time. */
  cpuSeconds: number;
  peakRssBytes: number;
}

/** What a picture process says: once whether it can work, then an answer a request. */
export interface FromPictureProcess {
  said: { state: 'ready' } | { state: 'unusable'; reason: string } | PictureAnswer | Unreadable;
  usage: ProcessUsage;
}
