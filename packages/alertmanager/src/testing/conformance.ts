// The tables of answers of a real Alertmanager, which stand outside of the repository.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readAlertmanagerConfig } from '../config.ts'
import type { AlertmanagerConfig, MatcherMode } from '../port.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
export const directory = join(
  process.env.CONFORMANCE_DIR ?? resolve(root, '..', 'shared', 'conformance'),
  'alertmanager',
)
export const hasCases = existsSync(directory)

export const readText = (name: string): string => readFileSync(join(directory, name), 'utf8')

/** A table, believed to have the shape that its README tells. */
export const readTable = <T>(name: string): T => JSON.parse(readText(name)) as T

/** Throws with everything that is wrong. */
export function configOf(text: string, mode?: MatcherMode): AlertmanagerConfig {
  const read = readAlertmanagerConfig({ name: 'alertmanager.yml', text }, mode === undefined ? {} : { mode })
  if (!read.ok)
    throw new Error(read.problems.map(({ message, where }) => `${where.line}: ${where.key} ${message}`).join('\n'))
  return read.config
}

export const indent = (text: string, columns: number): string =>
  text
    .split('\n')
    .filter((line) => line !== '---')
    .map((line) => ' '.repeat(columns) + line)
    .join('\n')

/** A whole file around a route alone: with the receivers and intervals that it names. */
export function aroundRoute(route: string): string {
  const names = new Set([...route.matchAll(/^\s*(?:- )?receiver:\s*['"]?([^'"\n]*)/gm)].map(([, name]) => name))
  const receivers = [...names].map((name) => `- name: ${JSON.stringify(name)}`).join('\n')
  return `route:\n${indent(route, 2)}\nreceivers:\n${receivers}\n`
}

const minimal = 'route: {receiver: r}\nreceivers: [{name: r}]\n'

export const aroundRules = (rules: string): string => `${minimal}inhibit_rules:\n${indent(rules, 2)}\n`
export const aroundIntervals = (intervals: string): string =>
  `${minimal}time_intervals:\n- name: t\n  time_intervals:\n${indent(intervals, 4)}\n`
