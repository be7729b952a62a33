/**
 * In a line's resource: the index or data stream that its sender named, as it was named (`wagob-logs-2026.11.22`). Who asks for a daily index
 * without its day means all its days.
 */
export const indexField = 'index'
