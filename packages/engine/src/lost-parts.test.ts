import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forgetLostParts } from './lost-parts.ts'

let dir: string
let table: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lost-parts-'))
  table = join(dir, 'data', 'tidewatch', 'logs')
  mkdirSync(join(table, 'deduplication_logs'), { recursive: true })
})
afterEach(() => rmSync(dir, { recursive: true }))

const logOf = (number: number): string => join(table, 'deduplication_logs', `deduplication_log_${number}.txt`)
const writeLog = (number: number, ...lines: readonly string[]): void =>
  writeFileSync(logOf(number), lines.map((line) => `${line}\n`).join(''))
const part = (name: string): void => mkdirSync(join(table, name))

test('an insert whose part is not there is known no longer, once', () => {
  writeLog(9, '1\t20260101_1_1_0\ta')
  writeLog(10, '1\t20260102_2_2_0\tb', '1\t20260103_3_3_0\tc', '1\t20260101_4_4_0\td')
  part('20260101_1_1_0')
  part('20260103_3_3_0')
  expect(forgetLostParts(dir)).toEqual(['20260102_2_2_0', '20260101_4_4_0'])
  expect(readFileSync(logOf(10), 'utf8')).toMatch(/\n2\t20260102_2_2_0\tb\n2\t20260101_4_4_0\td\n$/)
  expect(forgetLostParts(dir)).toEqual([])
})

test('a part lives on in those that it was merged or changed into, and in no other partition', () => {
  writeLog(1, ...['5_5', '6_6', '7_7', '8_8'].map((range) => `1\t20260101-30_${range}_0\t${range}`))
  part('20260101-30_4_6_1')
  part('20260101-30_7_7_0_9')
  part('20260101-31_8_8_0')
  for (const name of ['tmp_insert_20260101-30_8_8_0', 'delete_tmp_20260101-30_8_8_0', 'detached']) part(name)
  expect(forgetLostParts(dir)).toEqual(['20260101-30_8_8_0'])
})

test('what is dropped already, and a directory without tables, are let be', () => {
  writeLog(1, '1\t20260101_1_1_0\ta', '2\t20260101_1_1_0\ta')
  writeFileSync(join(dir, 'data', 'a file'), '')
  expect(forgetLostParts(dir)).toEqual([])
  rmSync(table, { recursive: true })
  expect(forgetLostParts(dir)).toEqual([])
  expect(forgetLostParts(join(dir, 'absent'))).toEqual([])
})
