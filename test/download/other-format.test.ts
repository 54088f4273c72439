import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { supportedExtensions } from 'file-type';
import { dangerous, otherFormat } from '../../src/download/other-format.ts';

const hex = (text: string) =>
  Buffer.concat([Buffer.from(text.replaceAll(' ', ''), 'hex'), Buffer.alloc(600)]);

describe('what is neither a picture nor a video', () => {
  const cases: [what: string, head: Buffer, ext: string][] = [
    ['a Windows program', hex('4d5a9000'), 'bin'],
    ['a Linux program', hex('7f454c46 0201'), 'bin'],
    ['a shortcut of Windows', hex('4c000000 01140200 00000000 c0000000 00000046'), 'bin'],
    ['a Java class', hex('cafebabe 00000034'), 'bin'],
    ['a page', Buffer.from('<!doctype html><script>alert(1)</script>'), 'txt'],
    [
      'a picture that is a program',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="a()"/>'),
      'txt',
    ],
    ['XML', Buffer.from('<?xml version="1.0"?><a/>'), 'bin'],
    ['a desktop file', Buffer.from('[Desktop Entry]\nExec=rm -rf ~\n'), 'txt'],
    ['an internet shortcut', Buffer.from('\n[InternetShortcut]\nURL=file:///\n'), 'txt'],
    ['a script', Buffer.from('#!/bin/sh\nrm -rf ~\n'), 'txt'],
    ['JSON', Buffer.from('{"a": 1}'), 'json'],
    ['nothing known', hex('0102030405'), 'bin'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'pdf'],
    ['an archive', hex('504b0304 14000000'), 'zip'],
    ['music', hex('664c6143'), 'flac'],
  ];
  for (const [what, head, ext] of cases) {
    it(`${what} becomes .${ext}`, async () => assert.equal((await otherFormat(head)).ext, ext));
  }

  it('none of the endings that run at a click is missing from the list', () => {
    const run = [
      'exe',
      'elf',
      'macho',
      'lnk',
      'alias',
      'swf',
      'jar',
      'class',
      'apk',
      'deb',
      'rpm',
      'reg',
      'xml',
    ];
    const macros = ['docm', 'dotm', 'xlsm', 'xltm', 'pptm', 'potm', 'ppsm'];
    for (const ext of [...run, ...macros, 'chm', 'crx', 'xpi', 'wasm']) {
      assert.ok((supportedExtensions as ReadonlySet<string>).has(ext), `${ext} is not told any more`);
      assert.ok(dangerous.has(ext), ext);
    }
  });
});
