/** Waits for the first piece, so that what is wrong is said with a status, not by an answer that breaks off. */
export async function begun<T>(pieces: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const iterator = pieces[Symbol.asyncIterator]()
  let first: IteratorResult<T> | undefined = await iterator.next()
  const rest: AsyncIterator<T> = {
    async next() {
      const piece = first ?? (await iterator.next())
      first = undefined
      return piece
    },
    // also where nothing was taken from it yet
    return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
  }
  return { [Symbol.asyncIterator]: () => rest }
}
