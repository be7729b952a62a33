// A file of rules, whichever form it has.
import type { ConfigFile, Parsed, YamlReader } from '../../config/port.ts'
import { type RuleGroup, readRuleFile } from './rule-file.ts'
import { isRuleSet, type RuleSetOptions, readRuleSet } from './rule-set-file.ts'

/** Groups of rules of a file of Prometheus's form (`groups:`) or of our own (`rules:`), or everything that is wrong with it. */
export function readRules(
  file: ConfigFile,
  readYaml: YamlReader,
  options: RuleSetOptions = {},
): Parsed<readonly RuleGroup[]> {
  return isRuleSet(file, readYaml) ? readRuleSet(file, readYaml, options) : readRuleFile(file, readYaml, options)
}
