/** Sends lines as a person would by curl, NDJSON. Throws with the answer where it is not 200: all of them were to be taken. */
export async function sendLogLines(
  url: string,
  lines: readonly object[],
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const answer = await fetch(`${url}/api/tidewatch/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
  const text = await answer.text()
  if (answer.status !== 200) throw new Error(`lines of logs were answered ${answer.status}: ${text}`)
}
