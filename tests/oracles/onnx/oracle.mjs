// ONNX Runtime as a server: one JSON command a line on standard input, one JSON answer a line on standard output.
//   {"do":"load","name":"m","model":"<base64>"}             -> {"inputs":["age","sector"],"outputs":["probability"]}
//   {"do":"run","name":"m","rows":2,"inputs":{"age":[41.5,null],"sector":["C",""]}} -> {"values":[0.1,0.2],"shape":[2,1]}
// A column of strings is a string tensor; one of numbers a tensor of doubles, null for NaN, which JSON lacks.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const runtime = createRequire(import.meta.url)('onnxruntime-node')
const sessions = new Map()

function tensor(values, rows) {
  return values.some((value) => typeof value === 'string')
    ? new runtime.Tensor('string', values, [rows, 1])
    : new runtime.Tensor('float64', Float64Array.from(values, (value) => value ?? NaN), [rows, 1])
}

const commands = {
  load: async ({ name, model }) => {
    // Errors only: warnings about inputs that no operation reads are of no use here.
    const session = await runtime.InferenceSession.create(Buffer.from(model, 'base64'), { logSeverityLevel: 3 })
    sessions.set(name, session)
    return { inputs: session.inputNames, outputs: session.outputNames }
  },
  run: async ({ name, rows, inputs }) => {
    const session = sessions.get(name)
    const feeds = Object.fromEntries(Object.entries(inputs).map(([input, values]) => [input, tensor(values, rows)]))
    const output = (await session.run(feeds))[session.outputNames[0]]
    return { values: Array.from(output.data), shape: output.dims, type: output.type }
  },
  close: async ({ name }) => {
    await sessions.get(name).release()
    sessions.delete(name)
    return {}
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer
  try {
    const command = JSON.parse(line)
    answer = await commands[command.do](command)
  } catch (error) {
    answer = { error: error?.message ?? String(error) }
  }
  process.stdout.write(JSON.stringify(answer) + '\n')
}
