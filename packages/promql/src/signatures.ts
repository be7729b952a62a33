// Every function of PromQL as Prometheus 3 has it (promql/parser/functions.go): what it takes and gives. The evaluator registers by these names.
import type { ValueType } from './ast.ts'

export interface FunctionSignature {
  readonly args: readonly ValueType[]
  /** 0: exactly `args`. n > 0: the last may be left out or occur up to n times. -1: the last may be left out or occur any number of times. */
  readonly variadic: number
  readonly returns: ValueType
  /** Behind a feature flag in Prometheus; here always there. */
  readonly experimental: boolean
  /** One line for completion and documentation. */
  readonly doc: string
}

const fn = (args: readonly ValueType[], returns: ValueType, doc: string, variadic = 0): FunctionSignature => ({
  args,
  variadic,
  returns,
  experimental: false,
  doc,
})
const experimental = (signature: FunctionSignature): FunctionSignature => ({ ...signature, experimental: true })

export const signatures: Readonly<Record<string, FunctionSignature>> = {
  abs: fn(['vector'], 'vector', 'Absolute value.'),
  absent: fn(['vector'], 'vector', '1 where the vector is empty, else nothing.'),
  absent_over_time: fn(['matrix'], 'vector', '1 where the range has no sample, else nothing.'),
  acos: fn(['vector'], 'vector', 'Arc cosine in radians.'),
  acosh: fn(['vector'], 'vector', 'Inverse hyperbolic cosine.'),
  asin: fn(['vector'], 'vector', 'Arc sine in radians.'),
  asinh: fn(['vector'], 'vector', 'Inverse hyperbolic sine.'),
  atan: fn(['vector'], 'vector', 'Arc tangent in radians.'),
  atanh: fn(['vector'], 'vector', 'Inverse hyperbolic tangent.'),
  avg_over_time: fn(['matrix'], 'vector', 'Mean of the samples in the range.'),
  ceil: fn(['vector'], 'vector', 'Rounds up to a whole number.'),
  changes: fn(['matrix'], 'vector', 'How often the value changed in the range.'),
  clamp: fn(['vector', 'scalar', 'scalar'], 'vector', 'Keeps values between a minimum and a maximum.'),
  clamp_max: fn(['vector', 'scalar'], 'vector', 'Keeps values at or below a maximum.'),
  clamp_min: fn(['vector', 'scalar'], 'vector', 'Keeps values at or above a minimum.'),
  cos: fn(['vector'], 'vector', 'Cosine of radians.'),
  cosh: fn(['vector'], 'vector', 'Hyperbolic cosine.'),
  count_over_time: fn(['matrix'], 'vector', 'Number of samples in the range.'),
  day_of_month: fn(
    ['vector'],
    'vector',
    'Day of the month (1 to 31) of a time in seconds, UTC; of now without an argument.',
    1,
  ),
  day_of_week: fn(
    ['vector'],
    'vector',
    'Day of the week (0 is Sunday) of a time in seconds, UTC; of now without an argument.',
    1,
  ),
  day_of_year: fn(
    ['vector'],
    'vector',
    'Day of the year (1 to 366) of a time in seconds, UTC; of now without an argument.',
    1,
  ),
  days_in_month: fn(
    ['vector'],
    'vector',
    'Days in the month of a time in seconds, UTC; of now without an argument.',
    1,
  ),
  deg: fn(['vector'], 'vector', 'Radians to degrees.'),
  delta: fn(['matrix'], 'vector', 'Difference between the ends of the range, extrapolated; for gauges.'),
  deriv: fn(['matrix'], 'vector', 'Change a second by linear regression; for gauges.'),
  double_exponential_smoothing: experimental(
    fn(['matrix', 'scalar', 'scalar'], 'vector', "Smoothed value by Holt's method with smoothing and trend factor."),
  ),
  end: experimental(fn([], 'scalar', 'End of the query in seconds since 1970.')),
  exp: fn(['vector'], 'vector', 'e to the power of the value.'),
  first_over_time: fn(['matrix'], 'vector', 'Oldest sample in the range.'),
  floor: fn(['vector'], 'vector', 'Rounds down to a whole number.'),
  histogram_avg: fn(['vector'], 'vector', 'Mean of the observations in native histograms.'),
  histogram_count: fn(['vector'], 'vector', 'Number of observations in native histograms.'),
  histogram_fraction: fn(['scalar', 'scalar', 'vector'], 'vector', 'Share of observations between two values.'),
  histogram_quantile: fn(['scalar', 'vector'], 'vector', 'Quantile of classic or native histograms.'),
  histogram_quantiles: experimental(
    fn(
      ['vector', 'string', 'scalar', 'scalar'],
      'vector',
      'Several quantiles of histograms, each with its value in a label.',
      9,
    ),
  ),
  histogram_stddev: fn(['vector'], 'vector', 'Estimated standard deviation of the observations in native histograms.'),
  histogram_stdvar: fn(['vector'], 'vector', 'Estimated variance of the observations in native histograms.'),
  histogram_sum: fn(['vector'], 'vector', 'Sum of the observations in native histograms.'),
  hour: fn(['vector'], 'vector', 'Hour (0 to 23) of a time in seconds, UTC; of now without an argument.', 1),
  idelta: fn(['matrix'], 'vector', 'Difference between the last two samples; for gauges.'),
  increase: fn(['matrix'], 'vector', 'Increase of a counter over the range, extrapolated.'),
  info: experimental(fn(['vector', 'vector'], 'vector', 'Adds labels of info series such as target_info.', 1)),
  integral: experimental(
    fn(
      ['matrix', 'scalar'],
      'vector',
      'Area below a gauge, in its unit times seconds: by left (0), right (1) or middle (2) values.',
      1,
    ),
  ),
  irate: fn(['matrix'], 'vector', 'Increase a second of a counter between the last two samples.'),
  label_join: fn(['vector', 'string', 'string', 'string'], 'vector', 'Joins values of labels into a new label.', -1),
  label_replace: fn(
    ['vector', 'string', 'string', 'string', 'string'],
    'vector',
    'Sets a label from a match on another one.',
  ),
  last_over_time: fn(['matrix'], 'vector', 'Newest sample in the range.'),
  ln: fn(['vector'], 'vector', 'Natural logarithm.'),
  log10: fn(['vector'], 'vector', 'Decimal logarithm.'),
  log2: fn(['vector'], 'vector', 'Binary logarithm.'),
  mad_over_time: experimental(fn(['matrix'], 'vector', 'Median absolute deviation of the samples in the range.')),
  max_of: experimental(fn(['scalar', 'scalar'], 'scalar', 'The greater of two numbers.')),
  max_over_time: fn(['matrix'], 'vector', 'Greatest sample in the range.'),
  min_of: experimental(fn(['scalar', 'scalar'], 'scalar', 'The lesser of two numbers.')),
  min_over_time: fn(['matrix'], 'vector', 'Least sample in the range.'),
  minute: fn(['vector'], 'vector', 'Minute (0 to 59) of a time in seconds, UTC; of now without an argument.', 1),
  month: fn(['vector'], 'vector', 'Month (1 to 12) of a time in seconds, UTC; of now without an argument.', 1),
  pi: fn([], 'scalar', 'The number pi.'),
  predict_linear: fn(
    ['matrix', 'scalar'],
    'vector',
    'Value so many seconds from now by linear regression; for gauges.',
  ),
  present_over_time: fn(['matrix'], 'vector', '1 where the range has a sample.'),
  quantile_over_time: fn(['scalar', 'matrix'], 'vector', 'Quantile of the samples in the range.'),
  rad: fn(['vector'], 'vector', 'Degrees to radians.'),
  range: experimental(fn([], 'scalar', 'Length of the query in seconds.')),
  rate: fn(['matrix'], 'vector', 'Increase a second of a counter over the range, extrapolated.'),
  resets: fn(['matrix'], 'vector', 'How often a counter was reset in the range.'),
  round: fn(['vector', 'scalar'], 'vector', 'Rounds to the nearest multiple of a number, by default 1.', 1),
  scalar: fn(['vector'], 'scalar', 'The value of a vector of one series, else NaN.'),
  sgn: fn(['vector'], 'vector', 'Sign of the value: -1, 0 or 1.'),
  sin: fn(['vector'], 'vector', 'Sine of radians.'),
  sinh: fn(['vector'], 'vector', 'Hyperbolic sine.'),
  sort: fn(['vector'], 'vector', 'Sorts an instant result by value, ascending.'),
  sort_by_label: experimental(fn(['vector', 'string'], 'vector', 'Sorts an instant result by labels, ascending.', -1)),
  sort_by_label_desc: experimental(
    fn(['vector', 'string'], 'vector', 'Sorts an instant result by labels, descending.', -1),
  ),
  sort_desc: fn(['vector'], 'vector', 'Sorts an instant result by value, descending.'),
  sqrt: fn(['vector'], 'vector', 'Square root.'),
  start: experimental(fn([], 'scalar', 'Start of the query in seconds since 1970.')),
  start_timestamp: experimental(
    fn(['vector'], 'vector', "When the series' counter began, in seconds since 1970, where it is known."),
  ),
  stddev_over_time: fn(['matrix'], 'vector', 'Standard deviation of the samples in the range.'),
  stdvar_over_time: fn(['matrix'], 'vector', 'Variance of the samples in the range.'),
  step: experimental(fn([], 'scalar', 'Step of the query in seconds.')),
  sum_over_time: fn(['matrix'], 'vector', 'Sum of the samples in the range.'),
  tan: fn(['vector'], 'vector', 'Tangent of radians.'),
  tanh: fn(['vector'], 'vector', 'Hyperbolic tangent.'),
  time: fn([], 'scalar', 'The moment of evaluation in seconds since 1970.'),
  timestamp: fn(['vector'], 'vector', 'When each sample was taken, in seconds since 1970.'),
  ts_of_first_over_time: experimental(fn(['matrix'], 'vector', 'When the oldest sample in the range was taken.')),
  ts_of_last_over_time: experimental(fn(['matrix'], 'vector', 'When the newest sample in the range was taken.')),
  ts_of_max_over_time: experimental(fn(['matrix'], 'vector', 'When the greatest sample in the range was last seen.')),
  ts_of_min_over_time: experimental(fn(['matrix'], 'vector', 'When the least sample in the range was last seen.')),
  vector: fn(['scalar'], 'vector', 'A scalar as a vector of one series without labels.'),
  year: fn(['vector'], 'vector', 'Year of a time in seconds, UTC; of now without an argument.', 1),
}
