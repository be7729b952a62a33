// How the engine is told to be small: its server configuration, and the settings every statement starts from.
import type { EngineOptions } from './options.ts'

const mebibyte = 1024 * 1024

/** Caches that would otherwise take up to half of the machine's memory; figures in docs/decisions/002-engine-child.md. */
const caches: Readonly<Record<string, number>> = {
  mark_cache_size: 32 * mebibyte,
  primary_index_cache_size: 32 * mebibyte,
  index_mark_cache_size: 16 * mebibyte,
  uncompressed_cache_size: 64 * mebibyte,
  index_uncompressed_cache_size: 16 * mebibyte,
  mmap_cache_size: 0,
  query_condition_cache_size: 8 * mebibyte,
  compiled_expression_cache_size: 16 * mebibyte,
  text_index_tokens_cache_size: 16 * mebibyte,
  text_index_header_cache_size: 16 * mebibyte,
  text_index_postings_cache_size: 32 * mebibyte,
  vector_similarity_index_cache_size: 0,
  unique_key_index_cache_size_bytes: 0,
  iceberg_metadata_files_cache_size: 0,
  parquet_metadata_cache_size: 0,
}

/** Threads for what a laptop does in the background; a pool of many threads costs memory for each and merges more at once. */
const threads: Readonly<Record<string, number>> = {
  background_pool_size: 2,
  background_merges_mutations_concurrency_ratio: 2,
  background_move_pool_size: 1,
  background_fetches_pool_size: 1,
  background_common_pool_size: 1,
  background_schedule_pool_size: 2,
  max_thread_pool_free_size: 16,
  max_io_thread_pool_size: 16,
  max_active_parts_loading_thread_pool_size: 4,
  max_outdated_parts_loading_thread_pool_size: 2,
  max_parts_cleaning_thread_pool_size: 2,
  prefetch_threadpool_pool_size: 4,
  load_marks_threadpool_pool_size: 4,
  threadpool_writer_pool_size: 4,
  dns_cache_update_period: 3600,
  asynchronous_metrics_update_period_s: 60,
}

/** ClickHouse's configuration file. Holds numbers alone, so nothing needs escaping. */
export function renderConfig({ memoryBytes }: EngineOptions): string {
  const server = { ...caches, ...threads, max_server_memory_usage: memoryBytes }
  const lines = Object.entries(server).map(([name, value]) => `  <${name}>${value}</${name}>`)
  return ['<clickhouse>', ...lines, '</clickhouse>', ''].join('\n')
}

/** What a session starts each statement from; a request's own settings go over it. */
export function baseSettings({ memoryBytes, sessions }: EngineOptions): Record<string, string> {
  return {
    // One query alone may have half of it; together they are held by the server's limit.
    max_memory_usage: String(Math.floor(memoryBytes / (sessions > 1 ? 2 : 1))),
    max_query_size: String(16 * mebibyte),
    // The grid functions that PromQL can be pushed down to.
    allow_experimental_time_series_aggregate_functions: '1',
    // A missing body is an error, never an insert of no rows.
    engine_file_empty_if_not_exists: '0',
  }
}
