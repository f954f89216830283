using System.Buffers;
using FedLab.Federation.Channels;
using FedLab.Federation.Wire;
using FedLab.Lattice;
using FedLab.Lattice.Evaluation;
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
    private readonly SecretKey[] _packedSecrets;
    private readonly AnswerDecryptor[] _decryptors;
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
        var messages = 2 * plan.NodesPerMask;
        if (plan.Packing is null)
        {
            _secret = SecretKey.Generate(lattice, messages);
            _packedSecrets = [];
            PackingKeys = [];
            _decryptors = [new AnswerDecryptor(_secret)];
        }
        else
        {
            var ring = new CkksContext(plan.Packing);
            using var secrets = SecretKey.Generate(ring.Lattice, messages);
            _secret = secrets.Select(lattice, 0, messages);
            _packedSecrets = [.. Enumerable.Range(0, messages).Select(message => secrets.Select(lattice, message, 1))];
            _decryptors = Array.ConvertAll(_packedSecrets, secret => new AnswerDecryptor(secret));
            PackingKeys = [.. Enumerable.Range(0, messages).Select(message =>
            {
                using var secret = secrets.Select(ring.Lattice, message, 1);
                return GaloisKeys.Generate(ring, secret, RingPacking.Elements(ring, plan.CandidatesPerAnswer));
            })];
        }
        PublicKey = PublicKey.Generate(_secret);
        _encryptor = new SymmetricEncryptor(_secret);
        _answerCoefficients = plan.AnswerCoefficients;
    }

    /// <summary>Parameters of the scan.</summary>
    public ScanPlan Plan { get; }

    /// <summary>The key under which sources re-randomise.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>For each message the keys with which sources pack its answers; none where they are not packed.</summary>
    public IReadOnlyList<GaloisKeys> PackingKeys { get; }

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
        var answers = AnswerParts.Of(Plan, nodes, candidates);
        var expected = answers.Sum(answer => (long)answer.Size);
        if (reader.Remaining != expected) throw ProtocolErrors.ScanAnswerLength(source, reader.Remaining, expected);
        var body = reader.Slice(expected);
        var k = Plan.CandidatesPerAnswer;
        var values = new long[2 * nodes][];
        for (var vector = 0; vector < values.Length; vector++) values[vector] = new long[Plan.Answers(candidates) * k];
        try
        {
            Parallel.ForEach(answers, new ParallelOptions { MaxDegreeOfParallelism = _degreeOfParallelism, CancellationToken = cancellationToken }, part =>
            {
                var answer = ScanAnswer.Read(body.Slice(part.Start, part.Size), Plan.Parameters.Degree, part.Messages * part.Groups * k, Plan.AnswerBits);
                var decrypted = new long[part.Messages * part.Groups * k];
                var positions = Plan.Packing is null ? _answerCoefficients : AnswerPacker.Positions(Plan.Parameters.Degree, k, part.Groups);
                _decryptors[Plan.Packing is null ? 0 : part.FirstVector % _decryptors.Length].Decrypt(answer, positions, Plan.ScaleBits, decrypted);
                for (var message = 0; message < part.Messages; message++) decrypted.AsSpan(message * part.Groups * k, part.Groups * k).CopyTo(values[part.FirstVector + message].AsSpan(part.FirstGroup * k));
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
    public void Dispose()
    {
        _secret.Dispose();
        foreach (var secret in _packedSecrets) secret.Dispose();
    }
}
