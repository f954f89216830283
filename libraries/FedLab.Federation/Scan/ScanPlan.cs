using System.Globalization;
using FedLab.Federation.Wire;
using FedLab.Lattice;

namespace FedLab.Federation.Scan;

/// <summary>
/// The parameters of the encrypted scan (design, section 5), found by calculation: message bits, flooding bits and margins
/// decide ring and modulus; the line's speed decides how many candidates share an answer.
/// </summary>
/// <remarks>
/// With integers m of the vector scaled by 2^s, an answer before its modulus is switched is 2^s·Σm + e with
/// |e| ≤ E = (subset sum of fresh errors) + (error of the encryption of zero) + (flood). Decryption is exact when
/// <list type="bullet">
/// <item>2^s·|Σm| + E &lt; Q/2, so that nothing wraps: log2 Q &gt; log2(|Σm| + ¼) + s + 1;</item>
/// <item>E ≤ 2^s/4, so that the errors round away: s = ⌈log2 E⌉ + 2;</item>
/// <item>after the switch from Q to 2^x, whose rounding adds at most R: R ≤ 2^(s+x)/(4Q): x = ⌈log2(4R) + log2 Q − s⌉.</item>
/// </list>
/// </remarks>
internal sealed record ScanPlan
{
    /// <summary>Rounding of the logarithms in the first condition.</summary>
    private const double LogarithmError = 1e-9;

    /// <summary>Rings and numbers of primes, cheapest first. Packing takes a special prime beside them, for which the smaller ring has no room.</summary>
    private static readonly (int Degree, int PrimeCount, bool IsPacked)[] Candidates = [(4096, 2, false), (8192, 3, false), (8192, 4, false), (8192, 2, true), (8192, 3, true)];

    private const int MaximumPrimeBits = 50;
    private const int MinimumPrimeBits = 36;
    private const int MaximumAnswerBits = 52;

    // What a unit of work costs, in nanoseconds, on one core: measured with `fedlab bench scan` and `bench transform`.
    private const double NanosecondsPerProduct = 0.25;
    private const double NanosecondsPerEncryptedCoefficient = 15;
    private const double NanosecondsPerAnswerCoefficient = 5;
    private const double NanosecondsPerAddition = 0.2;


    /// <summary>Of a transform in a key switch with all that packing does around it (products, monomials, memory): four times the bare transform.</summary>
    private const double NanosecondsPerTransformedCoefficient = 8;

    /// <summary>Candidates of a typical feature: the plan knows the candidates of a source but not its features.</summary>
    private const double CandidatesPerFeature = 16;

    /// <summary>Most nodes under one mask: two messages each.</summary>
    private const int MaximumNodesPerMask = SecretKey.MaximumMessages / 2;

    /// <summary>Statistical flooding in bits: the distance between answers for two sets of rows is at most 2^-40.</summary>
    public const int StatisticalBits = 40;

    private ScanPlan(LatticeParameters parameters) => Parameters = parameters;

    /// <summary>Ring and modulus.</summary>
    public LatticeParameters Parameters { get; }

    /// <summary>The ring of the keys that pack answers: <see cref="Parameters"/> and a special prime; null where answers are not packed.</summary>
    public LatticeParameters? Packing { get; private init; }

    /// <summary>Rows of the vector.</summary>
    public int Rows { get; private init; }

    /// <summary>Largest magnitude of a sum over all rows.</summary>
    public long MaximumSum { get; private init; }

    /// <summary>Number of nodes whose gradients and Hessians are encrypted under one mask.</summary>
    public int NodesPerMask { get; private init; }

    /// <summary>Rows in one ciphertext; N / rowsPerBlock candidates share an answer.</summary>
    public int RowsPerBlock { get; private init; }

    /// <summary>s: integers are scaled by 2^s.</summary>
    public int ScaleBits { get; private init; }

    /// <summary>x: answers travel modulo 2^x.</summary>
    public int AnswerBits { get; private init; }

    /// <summary>Ciphertexts of one vector.</summary>
    public int Blocks => (Rows + RowsPerBlock - 1) / RowsPerBlock;

    /// <summary>k: candidates that share one answer.</summary>
    public int CandidatesPerAnswer => Parameters.Degree / RowsPerBlock;

    /// <summary>
    /// Bound of the errors that the product gathers, before flooding: what the flood must cover. The error at an answer
    /// coefficient meets every coefficient of the plaintexts, those of the other candidates of the group too.
    /// </summary>
    public double NoiseBound => GatheredNoise(Parameters.Degree, Blocks);

    /// <summary>Coefficients at which the inner products stand.</summary>
    public int[] AnswerCoefficients => [.. Enumerable.Range(0, CandidatesPerAnswer).Select(j => (j + 1) * RowsPerBlock - 1)];

    /// <summary>Answers to one vector for so many candidates.</summary>
    public int Answers(int candidates) => (candidates + CandidatesPerAnswer - 1) / CandidatesPerAnswer;

    /// <summary>How the groups of so many candidates are packed: the number of groups in each packed answer, or 1 for each group that travels alone.</summary>
    public IEnumerable<int> Packs(int candidates)
    {
        var most = Packing is null ? 1 : AnswerPacker.Groups(Parameters.Degree, CandidatesPerAnswer);
        for (var groups = Answers(candidates); groups > 0; groups -= most) yield return Math.Min(groups, most);
    }

    /// <summary>Finds the parameters.</summary>
    /// <param name="rows">Rows of the vector.</param>
    /// <param name="maximumSum">Largest magnitude that a sum over the rows can have.</param>
    /// <param name="depth">Largest depth of a tree: decides how many nodes a level scans.</param>
    /// <param name="trees">Number of trees that share the keys.</param>
    /// <param name="candidates">Number of candidates of each source.</param>
    /// <param name="bitsPerSecond">Speed of the line between institutions.</param>
    /// <exception cref="ProtocolException">No parameters hold so many rows with so large sums.</exception>
    public static ScanPlan Find(int rows, long maximumSum, int depth, int trees, IReadOnlyCollection<int> candidates, double bitsPerSecond)
    {
        var plans = from ring in Candidates
                    from rowsPerBlock in RowsPerBlockChoices(ring.Degree)
                    let plan = Fit(ring, rowsPerBlock, rows, maximumSum, ring.IsPacked ? 1 : Math.Min(MaximumNodesPerMask, ScannedNodes(depth - 1)))
                    where plan is not null
                    select plan;
        if (plans.MinBy(plan => plan.Seconds(depth, trees, candidates, bitsPerSecond)) is { } best) return best;
        throw ProtocolErrors.ScanTooLarge(rows, maximumSum);
    }

    /// <summary>The calculation in words, for the run's log.</summary>
    public string Describe(int depth, IReadOnlyCollection<int> candidates, double bitsPerSecond) => string.Create(CultureInfo.InvariantCulture,
        $"scan plan: N={Parameters.Degree}, {Parameters.Primes.Count} primes, log2 Q={Parameters.ModulusBits:F1}; {Rows} rows, sums to 2^{Math.Log2(Math.Max(1, MaximumSum)):F1}, noise 2^{Math.Log2(NoiseBound):F1}, flood +{StatisticalBits} bits, scale 2^{ScaleBits}, answers mod 2^{AnswerBits}; " +
        $"{RowsPerBlock} rows a ciphertext, {CandidatesPerAnswer} candidates an answer, up to {NodesPerMask} nodes a mask, answers {(Packing is null ? "not packed" : $"packed by key switching ({SetupBytes / 1e6:F1} MB of keys once)")}: {UpBytes(depth) * candidates.Count / 1e6:F2} MB up, {DownBytes(depth, candidates) / 1e6:F2} MB down for a full tree of depth {depth} at {bitsPerSecond / 1e6:F0} Mbit/s");

    /// <summary>For so many nodes the number under each mask: as many as fit, then the rest.</summary>
    public IEnumerable<int> Masks(int nodes)
    {
        for (; nodes > 0; nodes -= NodesPerMask) yield return Math.Min(nodes, NodesPerMask);
    }

    /// <summary>Writes the parameters for the sources.</summary>
    public void Write(MessageWriter writer)
    {
        writer.Int32(Parameters.Degree);
        writer.Int32(Parameters.Primes.Count);
        foreach (var prime in Parameters.Primes) writer.Int64((long)prime);
        writer.Int64(Packing is null ? 0 : (long)Packing.Primes[^1]);
        writer.Int32(Rows);
        writer.Int64(MaximumSum);
        writer.Int32(RowsPerBlock);
        writer.Int32(NodesPerMask);
        writer.Int32(ScaleBits);
        writer.Int32(AnswerBits);
    }

    /// <summary>Reads the parameters at a source, which checks the calculation again.</summary>
    public static ScanPlan Read(ref MessageReader reader, int trainingRows)
    {
        var degree = reader.Int32(2048, 32768, "ring degree");
        var primes = new ulong[reader.Int32(1, 8, "number of primes")];
        for (var i = 0; i < primes.Length; i++) primes[i] = (ulong)reader.Int64();
        var special = (ulong)reader.Int64();
        LatticeParameters parameters;
        LatticeParameters? packing;
        try
        {
            parameters = LatticeParameters.Create(degree, primes);
            packing = special == 0 ? null : LatticeParameters.Create(degree, [.. primes, special]);
        }
        catch (ArgumentException e)
        {
            throw ProtocolErrors.ScanParametersRefused(e.Message, e);
        }
        var plan = new ScanPlan(parameters)
        {
            Packing = packing,
            Rows = reader.Int32(1, int.MaxValue, "rows"),
            MaximumSum = reader.Int64(),
            RowsPerBlock = reader.Int32(1, degree, "rows a block"),
            NodesPerMask = reader.Int32(1, MaximumNodesPerMask, "nodes a mask"),
            ScaleBits = reader.Int32(1, 100, "scale bits"),
            AnswerBits = reader.Int32(1, MaximumAnswerBits, "answer bits"),
        };
        if (plan.Rows != trainingRows) throw ProtocolErrors.ScanOfOtherRows(plan.Rows, trainingRows);
        if (degree % plan.RowsPerBlock != 0) throw ProtocolErrors.ScanBlockUneven(plan.RowsPerBlock, degree);
        // A scale below what the flood needs would make the sums wrong, not the source's rows visible; refuse it all the same.
        if (plan.ScaleBits < RequiredScaleBits(degree, plan.Blocks, packing, plan.CandidatesPerAnswer)) throw ProtocolErrors.ScanScaleTooSmall(plan.ScaleBits);
        if (parameters.ModulusBits < plan.ScaleBits + 2) throw ProtocolErrors.ScanModulusTooSmall(parameters.ModulusBits, plan.ScaleBits);
        return plan;
    }

    /// <summary>The smallest primes for a ring and a packing, or null when the modulus would be too large.</summary>
    private static ScanPlan? Fit((int Degree, int PrimeCount, bool IsPacked) ring, int rowsPerBlock, int rows, long maximumSum, int nodesPerMask)
    {
        // The packing's noise depends on the primes, which depend on the scale; beside the flood it takes no bit, and the plan is checked below.
        var blocks = (rows + rowsPerBlock - 1) / rowsPerBlock;
        var scaleBits = RequiredScaleBits(ring.Degree, blocks, null, 1);
        var modulusBits = Math.Log2(Math.Max(1, maximumSum) + 0.25) + scaleBits + 1 + LogarithmError;
        // A product of primes lies a little below its power of two, so the first size that seems enough may just fail.
        LatticeParameters parameters;
        var primeBits = Math.Max(MinimumPrimeBits, (int)Math.Ceiling(modulusBits / ring.PrimeCount));
        do
        {
            if (primeBits > MaximumPrimeBits) return null;
            parameters = LatticeParameters.Create(ring.Degree, ring.PrimeCount, primeBits++);
        }
        while (parameters.ModulusBits <= modulusBits);
        var packing = ring.IsPacked ? WithSpecialPrime(parameters) : null;
        var answerBits = RequiredAnswerBits(parameters, scaleBits);
        if (answerBits > MaximumAnswerBits || scaleBits < RequiredScaleBits(ring.Degree, blocks, packing, ring.Degree / rowsPerBlock)) return null;
        return new ScanPlan(parameters) { Packing = packing, Rows = rows, MaximumSum = maximumSum, ScaleBits = scaleBits, AnswerBits = answerBits, RowsPerBlock = rowsPerBlock, NodesPerMask = nodesPerMask };
    }

    /// <summary>The largest prime that is not among them: the larger it is, the less noise a key switch adds.</summary>
    private static LatticeParameters WithSpecialPrime(LatticeParameters parameters)
    {
        var largest = LatticeParameters.Create(parameters.Degree, parameters.Primes.Count + 1, MaximumPrimeBits).Primes;
        return LatticeParameters.Create(parameters.Degree, [.. parameters.Primes, largest.First(prime => !parameters.Primes.Contains(prime))]);
    }

    private static double GatheredNoise(int degree, int blocks) => Lattice.NoiseBound.SubsetSum((long)degree * blocks);

    private static int RequiredScaleBits(int degree, int blocks, LatticeParameters? packing, int candidatesPerAnswer)
    {
        var noise = GatheredNoise(degree, blocks);
        var packed = packing is null ? 0 : AnswerPacker.Noise(packing, candidatesPerAnswer);
        return (int)Math.Ceiling(Math.Log2(noise + Lattice.NoiseBound.EncryptionOfZero(degree) + Lattice.NoiseBound.Flood(noise, degree, StatisticalBits) + packed)) + 2;
    }

    private static int RequiredAnswerBits(LatticeParameters parameters, int scaleBits) =>
        (int)Math.Ceiling(Math.Log2(4 * Lattice.NoiseBound.ModulusSwitch(parameters.Degree, parameters.Primes.Count)) + parameters.ModulusBits - scaleBits);

    private static IEnumerable<int> RowsPerBlockChoices(int degree)
    {
        for (var rowsPerBlock = degree; rowsPerBlock >= degree / 64; rowsPerBlock /= 2) yield return rowsPerBlock;
    }

    /// <summary>Nodes that a level scans: the root, then one child of every parent.</summary>
    private static int ScannedNodes(int level) => level <= 0 ? 1 : 1 << Math.Min(level - 1, 20);

    /// <summary>Bytes of the ciphertexts of a full tree to one source.</summary>
    private double UpBytes(int depth) => Levels(depth).Sum(nodes => Blocks * (2.0 * nodes * Parameters.Degree * Parameters.ModulusBits + 256.0 * Masks(nodes).Count()) / 8);

    /// <summary>Bytes of the answers of a full tree from all sources.</summary>
    private double DownBytes(int depth, IReadOnlyCollection<int> candidates) => Levels(depth).Sum(nodes => candidates.Sum(count => Packing is null
        ? (double)Answers(count) * AnswerBits / 8 * (Masks(nodes).Count() * Parameters.Degree + 2 * nodes * CandidatesPerAnswer)
        : Packs(count).Sum(groups => 2.0 * nodes * (Parameters.Degree + groups * CandidatesPerAnswer) * AnswerBits / 8)));

    /// <summary>Bytes of the keys that pack, to one source.</summary>
    private double SetupBytes => Packing is null ? 0 : 2.0 * NodesPerMask * Parameters.Primes.Count * Math.Log2(RowsPerBlock) * Parameters.Degree * Packing.ModulusBits / 8;

    private static IEnumerable<int> Levels(int depth) => Enumerable.Range(0, Math.Max(1, depth)).Select(ScannedNodes);

    private double Seconds(int depth, int trees, IReadOnlyCollection<int> candidates, double bitsPerSecond)
    {
        var polynomial = (double)Parameters.Degree * Parameters.Primes.Count;
        var transfer = 8 * (candidates.Count * (UpBytes(depth) + SetupBytes / Math.Max(1, trees)) + DownBytes(depth, candidates)) / bitsPerSecond;
        var nanoseconds = Levels(depth).Sum(nodes =>
        {
            var masks = Masks(nodes).Count();
            return 2 * nodes * Blocks * polynomial * NanosecondsPerEncryptedCoefficient
                + candidates.Sum(count => Answers(count) * masks * polynomial * (Blocks * NanosecondsPerProduct + NanosecondsPerAnswerCoefficient))
                + candidates.Sum(count => Math.Ceiling(count / CandidatesPerFeature) * 2 * nodes * Blocks * polynomial * NanosecondsPerAddition)
                + candidates.Sum(count => 2 * nodes * PackingNanoseconds(count));
        });
        return transfer + nanoseconds * 1e-9;
    }

    /// <summary>
    /// The key switches of one message: of L digits each L² + 3L + 2 transforms (lattice facts: L + 2 back, L² + 2L forward), one for each group but
    /// the first and one for each doubling that is left.
    /// </summary>
    private double PackingNanoseconds(int candidates)
    {
        if (Packing is null) return 0;
        var digits = Parameters.Primes.Count;
        var switches = Packs(candidates).Sum(groups => groups - 1 + Math.Log2(RowsPerBlock) - Math.Ceiling(Math.Log2(groups)));
        return switches * (digits * digits + 3 * digits + 2) * Parameters.Degree * NanosecondsPerTransformedCoefficient;
    }
}
