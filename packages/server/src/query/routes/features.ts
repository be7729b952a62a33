// What this server can, by the names that newer Prometheus servers answer at `/api/v1/features`: clients need not guess from a version.
import { aggregationNames } from '@tidewatch/promql/parse-expression.ts'
import { signatures } from '@tidewatch/promql/signatures.ts'

/** Words and signs between expressions; aggregations come from the parser. */
const operators = [
  '!=',
  '!~',
  '%',
  '*',
  '+',
  '-',
  '/',
  '<',
  '<=',
  '==',
  '=~',
  '>',
  '>=',
  '@',
  '^',
  'and',
  'atan2',
  'or',
  'unless',
]

const all = (names: readonly string[]): Record<string, true> => Object.fromEntries(names.map((name) => [name, true]))

/** Every function and operator there is is on: none is behind a flag. */
export function features(): object {
  return {
    api: {
      ...all(['label_values_match', 'query_stats', 'query_warnings', 'time_range_labels', 'time_range_series']),
      ...all(['lifecycle', 'remote_write_receiver']),
    },
    prometheus: { agent_mode: false, server_mode: true },
    promql: {
      ...all(['anchored', 'at_modifier', 'bool', 'by', 'delayed_name_removal', 'duration_expr', 'fill', 'fill_left']),
      ...all(['fill_right', 'group_left', 'group_right', 'ignoring', 'negative_offset', 'offset', 'on']),
      ...all(['per_query_lookback_delta', 'per_step_stats', 'smoothed', 'subqueries', 'without']),
      type_and_unit_labels: false,
    },
    promql_functions: all(Object.keys(signatures)),
    promql_operators: all([...operators, ...aggregationNames].sort()),
    rules: all(['concurrent_rule_eval', 'keep_firing_for', 'query_offset']),
    tsdb: all(['exemplar_storage', 'native_histograms']),
  }
}
