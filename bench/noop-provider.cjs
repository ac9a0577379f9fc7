// A dynamic provider that does nothing, so that only the cost of the engine is measured.
const provider = {
  check: async (_olds, inputs) => ({ inputs }),
  diff: async (_id, olds, news) => (olds.v === news.v ? { changes: false } : {}),
  create: async (inputs) => ({ id: inputs.n, outs: inputs }),
  read: async (id, props) => ({ id, props }),
  update: async (_id, _olds, outs) => ({ outs }),
  delete: async () => {},
};

exports.handler = () => provider;
