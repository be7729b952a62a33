import { expect, test } from 'vitest'
import { createRenderTarget } from './render.ts'
import { metricTables } from './tables/registry.ts'

const rendered = (cluster: string | undefined): string =>
  metricTables
    .flatMap(({ migrations }) => migrations.flatMap((migration) => migration.render(createRenderTarget(cluster))))
    .join(';\n\n')

test('the metric tables on one server', () => {
  expect(rendered(undefined)).toMatchInlineSnapshot(`
    "CREATE TABLE IF NOT EXISTS \`series\` (
      project UInt32 CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      id UInt64 CODEC(ZSTD(1)),
      labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      seen_ms Int64 CODEC(Delta(8), ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(seen_ms, 'UTC'))
    ORDER BY (project, name, id)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`metric_metadata\` (
      project UInt32,
      family String,
      type LowCardinality(String),
      help String CODEC(ZSTD(1)),
      unit LowCardinality(String),
      loaded_at DateTime64(3) DEFAULT now64(3)
    ) ENGINE = ReplacingMergeTree(loaded_at)
    ORDER BY (project, family)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`samples\` (
      id UInt64 CODEC(ZSTD(1)),
      at_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      whole Int64 CODEC(DoubleDelta, ZSTD(1)),
      bits UInt64 CODEC(Delta(8), ZSTD(1)),
      project UInt32 CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(at_ms, 'UTC'))
    PRIMARY KEY (id, at_ms)
    ORDER BY (id, at_ms, whole, bits)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`histograms\` (
      id UInt64 CODEC(ZSTD(1)),
      at_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      bytes String CODEC(ZSTD(1)),
      project UInt32 CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(at_ms, 'UTC'))
    PRIMARY KEY (id, at_ms)
    ORDER BY (id, at_ms, bytes)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`exemplars\` (
      project UInt32 CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      id UInt64 CODEC(ZSTD(1)),
      labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      at_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      bits UInt64 CODEC(ZSTD(1)),
      example Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      example_hash UInt64 CODEC(ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(at_ms, 'UTC'))
    PRIMARY KEY (project, name, id, at_ms)
    ORDER BY (project, name, id, at_ms, bits, example_hash)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_5m_series\` (
      project UInt32 CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      id UInt64 CODEC(ZSTD(1)),
      labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      seen_ms Int64 CODEC(Delta(8), ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(seen_ms, 'UTC'))
    ORDER BY (project, name, id)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_5m\` (
      id UInt64 CODEC(ZSTD(1)),
      start_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      first_after UInt32 CODEC(ZSTD(1)),
      last_after UInt32 CODEC(ZSTD(1)),
      stale_before UInt32 CODEC(ZSTD(1)),
      stale_after UInt32 CODEC(ZSTD(1)),
      samples UInt32 CODEC(ZSTD(1)),
      first UInt64 CODEC(Delta(8), ZSTD(1)),
      last UInt64 CODEC(Delta(8), ZSTD(1)),
      lowest UInt64 CODEC(ZSTD(1)),
      highest UInt64 CODEC(ZSTD(1)),
      sum UInt64 CODEC(Delta(8), ZSTD(1)),
      resets UInt64 CODEC(ZSTD(1)),
      version UInt64 CODEC(DoubleDelta, ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(start_ms, 'UTC'))
    ORDER BY (id, start_ms)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_1h_series\` (
      project UInt32 CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      id UInt64 CODEC(ZSTD(1)),
      labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      seen_ms Int64 CODEC(Delta(8), ZSTD(1))
    ) ENGINE = ReplacingMergeTree
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(seen_ms, 'UTC'))
    ORDER BY (project, name, id)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_1h\` (
      id UInt64 CODEC(ZSTD(1)),
      start_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      first_after UInt32 CODEC(ZSTD(1)),
      last_after UInt32 CODEC(ZSTD(1)),
      stale_before UInt32 CODEC(ZSTD(1)),
      stale_after UInt32 CODEC(ZSTD(1)),
      samples UInt32 CODEC(ZSTD(1)),
      first UInt64 CODEC(Delta(8), ZSTD(1)),
      last UInt64 CODEC(Delta(8), ZSTD(1)),
      lowest UInt64 CODEC(ZSTD(1)),
      highest UInt64 CODEC(ZSTD(1)),
      sum UInt64 CODEC(Delta(8), ZSTD(1)),
      resets UInt64 CODEC(ZSTD(1)),
      version UInt64 CODEC(DoubleDelta, ZSTD(1))
    ) ENGINE = ReplacingMergeTree(version)
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(start_ms, 'UTC'))
    ORDER BY (id, start_ms)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_days\` (
      level LowCardinality(String),
      day UInt32,
      mark UInt64,
      is_final UInt8,
      version UInt64
    ) ENGINE = ReplacingMergeTree(version)
    ORDER BY (level, day)
    SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1"
  `)
})

test('the metric tables on a cluster', () => {
  expect(rendered('main')).toMatchInlineSnapshot(`
    "CREATE TABLE IF NOT EXISTS \`series_local\` ON CLUSTER 'main' (
      project UInt32 CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      id UInt64 CODEC(ZSTD(1)),
      labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      seen_ms Int64 CODEC(Delta(8), ZSTD(1))
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(seen_ms, 'UTC'))
    ORDER BY (project, name, id)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`series\` ON CLUSTER 'main' AS \`series_local\` ENGINE = Distributed('main', currentDatabase(), 'series_local', rand());

    CREATE TABLE IF NOT EXISTS \`metric_metadata_local\` ON CLUSTER 'main' (
      project UInt32,
      family String,
      type LowCardinality(String),
      help String CODEC(ZSTD(1)),
      unit LowCardinality(String),
      loaded_at DateTime64(3) DEFAULT now64(3)
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', loaded_at)
    ORDER BY (project, family)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`metric_metadata\` ON CLUSTER 'main' AS \`metric_metadata_local\` ENGINE = Distributed('main', currentDatabase(), 'metric_metadata_local', rand());

    CREATE TABLE IF NOT EXISTS \`samples_local\` ON CLUSTER 'main' (
      id UInt64 CODEC(ZSTD(1)),
      at_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      whole Int64 CODEC(DoubleDelta, ZSTD(1)),
      bits UInt64 CODEC(Delta(8), ZSTD(1)),
      project UInt32 CODEC(ZSTD(1))
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(at_ms, 'UTC'))
    PRIMARY KEY (id, at_ms)
    ORDER BY (id, at_ms, whole, bits)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`samples\` ON CLUSTER 'main' AS \`samples_local\` ENGINE = Distributed('main', currentDatabase(), 'samples_local', rand());

    CREATE TABLE IF NOT EXISTS \`histograms_local\` ON CLUSTER 'main' (
      id UInt64 CODEC(ZSTD(1)),
      at_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      bytes String CODEC(ZSTD(1)),
      project UInt32 CODEC(ZSTD(1))
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(at_ms, 'UTC'))
    PRIMARY KEY (id, at_ms)
    ORDER BY (id, at_ms, bytes)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`histograms\` ON CLUSTER 'main' AS \`histograms_local\` ENGINE = Distributed('main', currentDatabase(), 'histograms_local', rand());

    CREATE TABLE IF NOT EXISTS \`exemplars_local\` ON CLUSTER 'main' (
      project UInt32 CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      id UInt64 CODEC(ZSTD(1)),
      labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      at_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      bits UInt64 CODEC(ZSTD(1)),
      example Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      example_hash UInt64 CODEC(ZSTD(1))
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(at_ms, 'UTC'))
    PRIMARY KEY (project, name, id, at_ms)
    ORDER BY (project, name, id, at_ms, bits, example_hash)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`exemplars\` ON CLUSTER 'main' AS \`exemplars_local\` ENGINE = Distributed('main', currentDatabase(), 'exemplars_local', rand());

    CREATE TABLE IF NOT EXISTS \`rollup_5m_series_local\` ON CLUSTER 'main' (
      project UInt32 CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      id UInt64 CODEC(ZSTD(1)),
      labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      seen_ms Int64 CODEC(Delta(8), ZSTD(1))
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(seen_ms, 'UTC'))
    ORDER BY (project, name, id)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_5m_series\` ON CLUSTER 'main' AS \`rollup_5m_series_local\` ENGINE = Distributed('main', currentDatabase(), 'rollup_5m_series_local', rand());

    CREATE TABLE IF NOT EXISTS \`rollup_5m_local\` ON CLUSTER 'main' (
      id UInt64 CODEC(ZSTD(1)),
      start_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      first_after UInt32 CODEC(ZSTD(1)),
      last_after UInt32 CODEC(ZSTD(1)),
      stale_before UInt32 CODEC(ZSTD(1)),
      stale_after UInt32 CODEC(ZSTD(1)),
      samples UInt32 CODEC(ZSTD(1)),
      first UInt64 CODEC(Delta(8), ZSTD(1)),
      last UInt64 CODEC(Delta(8), ZSTD(1)),
      lowest UInt64 CODEC(ZSTD(1)),
      highest UInt64 CODEC(ZSTD(1)),
      sum UInt64 CODEC(Delta(8), ZSTD(1)),
      resets UInt64 CODEC(ZSTD(1)),
      version UInt64 CODEC(DoubleDelta, ZSTD(1))
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(start_ms, 'UTC'))
    ORDER BY (id, start_ms)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_5m\` ON CLUSTER 'main' AS \`rollup_5m_local\` ENGINE = Distributed('main', currentDatabase(), 'rollup_5m_local', rand());

    CREATE TABLE IF NOT EXISTS \`rollup_1h_series_local\` ON CLUSTER 'main' (
      project UInt32 CODEC(ZSTD(1)),
      name LowCardinality(String) CODEC(ZSTD(1)),
      id UInt64 CODEC(ZSTD(1)),
      labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
      seen_ms Int64 CODEC(Delta(8), ZSTD(1))
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}')
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(seen_ms, 'UTC'))
    ORDER BY (project, name, id)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_1h_series\` ON CLUSTER 'main' AS \`rollup_1h_series_local\` ENGINE = Distributed('main', currentDatabase(), 'rollup_1h_series_local', rand());

    CREATE TABLE IF NOT EXISTS \`rollup_1h_local\` ON CLUSTER 'main' (
      id UInt64 CODEC(ZSTD(1)),
      start_ms Int64 CODEC(DoubleDelta, ZSTD(1)),
      first_after UInt32 CODEC(ZSTD(1)),
      last_after UInt32 CODEC(ZSTD(1)),
      stale_before UInt32 CODEC(ZSTD(1)),
      stale_after UInt32 CODEC(ZSTD(1)),
      samples UInt32 CODEC(ZSTD(1)),
      first UInt64 CODEC(Delta(8), ZSTD(1)),
      last UInt64 CODEC(Delta(8), ZSTD(1)),
      lowest UInt64 CODEC(ZSTD(1)),
      highest UInt64 CODEC(ZSTD(1)),
      sum UInt64 CODEC(Delta(8), ZSTD(1)),
      resets UInt64 CODEC(ZSTD(1)),
      version UInt64 CODEC(DoubleDelta, ZSTD(1))
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)
    PARTITION BY toYYYYMMDD(fromUnixTimestamp64Milli(start_ms, 'UTC'))
    ORDER BY (id, start_ms)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_1h\` ON CLUSTER 'main' AS \`rollup_1h_local\` ENGINE = Distributed('main', currentDatabase(), 'rollup_1h_local', rand());

    CREATE TABLE IF NOT EXISTS \`rollup_days_local\` ON CLUSTER 'main' (
      level LowCardinality(String),
      day UInt32,
      mark UInt64,
      is_final UInt8,
      version UInt64
    ) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', version)
    ORDER BY (level, day)
    SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1;

    CREATE TABLE IF NOT EXISTS \`rollup_days\` ON CLUSTER 'main' AS \`rollup_days_local\` ENGINE = Distributed('main', currentDatabase(), 'rollup_days_local', rand())"
  `)
})

test('reads tables of the system on one server, or of one replica of each shard', () => {
  expect(createRenderTarget(undefined).systemTable('parts')).toBe('system.parts')
  expect(createRenderTarget('main').systemTable('parts')).toBe("cluster('main', system.parts)")
})
