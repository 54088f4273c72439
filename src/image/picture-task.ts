import { applyStage } from './apply-stage.ts';
import { decode } from './decode.ts';
import { allowSvg, reasonOf } from './library.ts';
import type { PictureAnswer, PictureTask } from './picture-messages.ts';
import { svgText } from './svg-text.ts';

/** Looks at one picture, and makes of it what is asked for. Never rejects: what fails is the picture's fault. */
export async function carryOut(body: Buffer, { check, stage, svg }: PictureTask): Promise<PictureAnswer> {
  allowSvg(svg);
  try {
    const bytes = svg ? svgText(body) : body;
    const verdict = check ? await decode(bytes) : { state: 'whole' as const };
    if (verdict.state !== 'whole' || stage === null) return verdict;
    return await applyStage(bytes, stage, check);
  } catch (error) {
    return { state: 'corrupt', reason: reasonOf(error as Error) };
  }
}
