// Lines as an application logs them, for benches that have no file of them.

/** One JSON object, with its line feed. */
function madeUpLine(i: number): string {
  const id = (i * 2_654_435_761).toString(16).padStart(12, '0')
  const message = `payment pay_${id} captured, provider ref ${i}`
  const fields = { request_id: `req_${id}`, user_id: `u${i}`, route: '/api/v1/orders', status: 200, duration_ms: 9.8 }
  return `${JSON.stringify({ timestamp: '2026-11-21T00:10:00.432Z', level: 'info', service: 'orders', message, ...fields })}\n`
}

export const madeUpLines = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => madeUpLine(i)).join(''))
