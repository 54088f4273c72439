import { access, constants, lstat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { UsageError } from '../core/errors.ts';
import { writeWholeText } from '../drawing/text-file.ts';
import { racePicture } from './picture.ts';
import { type RaceReport, raceReport } from './report.ts';

/** `race.html` to `race.svg`. */
export const pictureFileOf = (reportFile: string): string => `${reportFile.replace(/\.html?$/i, '')}.svg`;

/** Refuses early what could not be written after the race. Throws a UsageError. */
export async function checkReportFile(reportFile: string): Promise<void> {
  if (/\.svg$/i.test(reportFile)) {
    throw new UsageError(
      `the report '${reportFile}' is a page: name it race.html, and race.svg comes beside it`,
    );
  }
  for (const file of [reportFile, pictureFileOf(reportFile)]) {
    if ((await lstat(file).catch(() => null))?.isDirectory()) {
      throw new UsageError(`cannot write a report as ${file}: it is a directory`, {
        hint: 'name a file, as in --report race.html',
      });
    }
  }
  try {
    await access(dirname(reportFile), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write a report in ${dirname(reportFile)}`, {
      cause: error,
      hint: 'choose another place with --report',
    });
  }
}

/** Writes the page and the picture beside it; each appears whole or not at all. Throws a DiskError. */
export async function writeReport(reportFile: string, report: RaceReport): Promise<void> {
  await writeWholeText(reportFile, raceReport(report, basename(pictureFileOf(reportFile))));
  await writeWholeText(pictureFileOf(reportFile), racePicture(report));
}
