import { identifier, literal } from './literal.ts'
import type { RenderTarget, TableShape } from './port.ts'

/** How often a load may be repeated and still be known: the loader repeats the last one at most. */
const keptTokens = 1000

const commonSettings = ['fsync_after_insert = 1', 'fsync_part_directory = 1']

/** The embedded engine and a single server (`cluster` undefined), or a cluster with its name in `system.clusters`. */
export function createRenderTarget(cluster: string | undefined): RenderTarget {
  return cluster === undefined ? oneServer : onCluster(cluster)
}

const oneServer: RenderTarget = {
  cluster: undefined,
  onCluster: '',
  localName: (table) => table,
  systemTable: (name) => `system.${name}`,
  createTable: (shape) => [
    createStatement(shape, {
      name: shape.name,
      onCluster: '',
      engine: `${shape.engine}${shape.engineArgument === undefined ? '' : `(${shape.engineArgument})`}`,
      settings: [`non_replicated_deduplication_window = ${keptTokens}`, ...commonSettings],
    }),
  ],
}

function onCluster(cluster: string): RenderTarget {
  const clause = ` ON CLUSTER ${literal(cluster)}`
  const localName = (table: string): string => `${table}_local`
  return {
    cluster,
    onCluster: clause,
    localName,
    systemTable: (name) => `cluster(${literal(cluster)}, system.${name})`,
    createTable(shape) {
      const local = localName(shape.name)
      const path = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"
      const argument = shape.engineArgument === undefined ? '' : `, ${shape.engineArgument}`
      const distributed = `Distributed(${literal(cluster)}, currentDatabase(), ${literal(local)}, rand())`
      return [
        createStatement(shape, {
          name: local,
          onCluster: clause,
          engine: `Replicated${shape.engine}(${path}${argument})`,
          settings: [
            `replicated_deduplication_window = ${keptTokens}`,
            'replicated_deduplication_window_seconds = 604800',
            ...commonSettings,
          ],
        }),
        `CREATE TABLE IF NOT EXISTS ${identifier(shape.name)}${clause} AS ${identifier(local)} ENGINE = ${distributed}`,
      ]
    },
  }
}

function createStatement(
  shape: TableShape,
  rendered: {
    readonly name: string
    readonly onCluster: string
    readonly engine: string
    readonly settings: readonly string[]
  },
): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${identifier(rendered.name)}${rendered.onCluster} (`,
    shape.columns.map((column) => `  ${column}`).join(',\n'),
    `) ENGINE = ${rendered.engine}`,
    ...(shape.partitionBy === undefined ? [] : [`PARTITION BY ${shape.partitionBy}`]),
    ...(shape.primaryKey === undefined ? [] : [`PRIMARY KEY (${shape.primaryKey})`]),
    `ORDER BY (${shape.orderBy})`,
    `SETTINGS ${[...rendered.settings, ...(shape.settings ?? [])].join(', ')}`,
  ].join('\n')
}
