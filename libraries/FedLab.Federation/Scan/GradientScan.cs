using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Scan;

/// <summary>
/// The active party's side of the encrypted scan: its key, and the vectors that go out. All sources are asked about the same
/// nodes, so a level is encrypted once and the ciphertexts are shared.
/// </summary>
internal sealed class GradientScan : IDisposable
{
    private readonly SecretKey _secret;
    private readonly SymmetricEncryptor _encryptor;
    private readonly AnswerDecryptor _decryptor;
    private readonly int[] _answerCoefficients;
    private readonly int _sources;
    private readonly int _degreeOfParallelism;
    private readonly Lock _gate = new();
    private TreeGradients? _gradients;
    private IReadOnlyList<ScanNode>? _nodes;
    private Task<PayloadBuffer>? _request;
    private int _taken;

    /// <summary>Makes a fresh key.</summary>
    /// <param name="plan">Parameters of the scan.</param>
    /// <param name="sources">Number of sources that will ask for each request.</param>
    /// <param name="degreeOfParallelism">Threads to use.</param>
    public GradientScan(ScanPlan plan, int sources, int degreeOfParallelism)
    {
        Plan = plan;
        _sources = sources;
        _degreeOfParallelism = degreeOfParallelism;
        var lattice = new LatticeContext(plan.Parameters);
        _secret = SecretKey.Generate(lattice, 2 * plan.NodesPerMask);
        PublicKey = PublicKey.Generate(_secret);
        _encryptor = new SymmetricEncryptor(_secret);
        _decryptor = new AnswerDecryptor(_secret);
        _answerCoefficients = plan.AnswerCoefficients;
    }

    /// <summary>Parameters of the scan.</summary>
    public ScanPlan Plan { get; }

    /// <summary>The key under which sources re-randomise.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>Takes the gradients of the next tree.</summary>
    public void BeginTree(TreeGradients gradients)
    {
        lock (_gate) _gradients = gradients;
    }

    /// <summary>The request for these nodes, encrypted once for all sources; the caller gets a hold of its own.</summary>
    public async Task<PayloadBuffer> RequestAsync(IReadOnlyList<ScanNode> nodes, CancellationToken cancellationToken)
    {
        Task<PayloadBuffer> request;
        lock (_gate)
        {
            if (!ReferenceEquals(nodes, _nodes))
            {
                var gradients = _gradients ?? throw new InvalidOperationException("No tree has begun.");
                (_nodes, _taken) = (nodes, 0);
                _request = Task.Run(() => ForAllSources(ScanRequest.Encrypt(Plan, _encryptor, gradients, nodes, _degreeOfParallelism, cancellationToken)), cancellationToken);
            }
            request = _request!;
            if (++_taken == _sources) (_nodes, _request) = (null, null);
        }
        return await request.ConfigureAwait(false);
    }

    /// <summary>One hold for each source before the first can let go of its own: a source that is answered sooner must not take the payload from the others.</summary>
    private PayloadBuffer ForAllSources(PayloadBuffer payload)
    {
        for (var other = 1; other < _sources; other++) payload.Share();
        return payload;
    }

    /// <summary>Decrypts a source's answer.</summary>
    /// <param name="source">The source, for errors.</param>
    /// <param name="nodes">Number of nodes asked about.</param>
    /// <param name="maximumCandidates">Number of candidates that the source announced.</param>
    /// <param name="payload">The answer.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>For each node the sums of the candidates in the source's order, and the number of trees that the source has stored.</returns>
    public (GradientPair[][] Sums, int StoredTrees) Decrypt(string source, int nodes, int maximumCandidates, ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        var reader = new MessageReader(payload, LabMessages.MessageOf(Steps.ScanAnswer.Name, source));
        var storedTrees = reader.Int32(0, int.MaxValue, "stored trees");
        var candidates = reader.Int32(0, maximumCandidates, "candidates");
        reader.Int32(nodes, nodes, "nodes");
        var groups = Plan.Answers(candidates);
        var k = Plan.CandidatesPerAnswer;
        var masks = Plan.Masks(nodes).ToArray();
        var expected = masks.Sum(mask => (long)groups * AnswerSize(mask));
        if (reader.Remaining != expected) throw ProtocolErrors.ScanAnswerLength(source, reader.Remaining, expected);
        var body = reader.Slice(expected);
        var values = new long[2 * nodes][];
        for (var vector = 0; vector < values.Length; vector++) values[vector] = new long[groups * k];
        try
        {
            Parallel.For(0, masks.Length * groups, new ParallelOptions { MaxDegreeOfParallelism = _degreeOfParallelism, CancellationToken = cancellationToken }, index =>
            {
                // All masks but the last hold the same number of nodes.
                var (mask, group) = (index / groups, index % groups);
                var start = (long)mask * groups * AnswerSize(masks[0]) + (long)group * AnswerSize(masks[mask]);
                var decrypted = new long[2 * masks[mask] * k];
                var answer = ScanAnswer.Read(body.Slice(start, AnswerSize(masks[mask])), Plan.Parameters.Degree, decrypted.Length, Plan.AnswerBits);
                _decryptor.Decrypt(answer, _answerCoefficients, Plan.ScaleBits, decrypted);
                for (var message = 0; message < 2 * masks[mask]; message++) decrypted.AsSpan(message * k, k).CopyTo(values[2 * mask * Plan.NodesPerMask + message].AsSpan(group * k));
            });
        }
        catch (AggregateException e) when (e.InnerException is LatticeFormatException)
        {
            throw ProtocolErrors.ScanAnswerInvalid(source, e.InnerException.Message, e);
        }
        var sums = new GradientPair[nodes][];
        for (var node = 0; node < nodes; node++)
        {
            sums[node] = new GradientPair[candidates];
            for (var candidate = 0; candidate < candidates; candidate++)
            {
                var pair = new GradientPair(values[2 * node][candidate], values[2 * node + 1][candidate]);
                if (Math.Abs(pair.Gradient) > Plan.MaximumSum || pair.Hessian < 0 || pair.Hessian > Plan.MaximumSum)
                    throw ProtocolErrors.ScanSumOutOfRange(source);
                sums[node][candidate] = pair;
            }
        }
        return (sums, storedTrees);
    }

    /// <inheritdoc/>
    public void Dispose() => _secret.Dispose();

    private int AnswerSize(int nodes) => ScanAnswer.SerializedSize(Plan.Parameters.Degree, 2 * nodes * Plan.CandidatesPerAnswer, Plan.AnswerBits);
}
