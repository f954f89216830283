using System.Numerics;
using FedLab.Federation.Channels;
using FedLab.Federation.Runs;
using FedLab.Federation.Scan;
using FedLab.Lattice;
using FedLab.Learning;

namespace FedLab.Federation.Tests;

/// <summary>Row "active party" of the privacy table for trees: the sums of anonymous candidates and nothing of the rows behind them.</summary>
public sealed class ScanPrivacyTests
{
    private const int Rows = 60;

    private readonly BinnedFeature[] _features;
    private readonly LocalCandidateSource _owner;
    private readonly ScanPlan _plan;
    private readonly TreeGradients _gradients;

    public ScanPrivacyTests()
    {
        var parameters = new TreeParameters { MaxBin = 8 };
        var everyRow = Enumerable.Range(0, Rows).ToArray();
        _features = [.. Enumerable.Range(0, 3).Select(feature =>
        {
            var column = new NumericColumn($"f{feature}", [.. everyRow.Select(row => (double)(row * (7 + 4 * feature) % 23))]);
            return FeatureBinner.Fit(column, everyRow, parameters).Encode(column);
        })];
        _owner = new LocalCandidateSource("source", _features, parameters, 1, 1);
        _owner.BeginTree(0);
        var quantizer = GradientQuantizer.For(Rows, 1);
        _plan = ScanPlan.Find(Rows, quantizer.MaximumGradientSum, 4, 50, [_owner.CandidatesOf(0).Count], 1e9);
        _gradients = new TreeGradients(0, Array.ConvertAll(everyRow, row => quantizer.Quantize(row % 3 == 0 ? -0.7 : 0.3)), Array.ConvertAll(everyRow, _ => quantizer.Quantize(0.21)), quantizer);
    }

    [Fact]
    public async Task Without_re_randomisation_the_active_party_could_read_every_candidates_rows_and_with_it_it_cannot()
    {
        using var scan = new GradientScan(_plan, 1, 1);
        scan.BeginTree(_gradients);
        using var payload = await scan.RequestAsync([new ScanNode(0, Enumerable.Range(0, Rows).ToArray())], TestContext.Current.CancellationToken);
        // The active party's own ciphertexts, which it knows, in the ring of the source.
        var lattice = scan.PublicKey.Context;
        var request = ScanRequest.Read(_plan, lattice, payload.AsSequence());
        await using var summation = new LocalSummation(_plan, lattice, FeatureCodes.Of(_features), new PartySettings());
        var scanner = new CandidateScanner(new ScanSetup(_plan, lattice, scan.PublicKey, null), summation, new PartySettings());
        var candidates = _owner.CandidatesOf(0);
        scanner.BeginTree(0, candidates);
        Assert.Equal(1, _plan.Blocks);

        // Re-randomisation and flooding off: the product's second polynomial is candidate × a, and a is known.
        using var expanded = request.Expand(0, 1, new ParallelOptions());
        var mask = expanded.Of(0)[0].Mask;
        using var sums = await summation.SumAsync(request, TestContext.Current.CancellationToken);
        using var products = sums.Of(0, 0, 1);
        var bare = products.Sums[0].CopyCoefficients();
        var stolen = Divide(lattice, bare, mask);
        for (var j = 0; j < _plan.CandidatesPerAnswer && j < candidates.Count; j++)
        {
            var candidate = candidates[scanner.ToCatalogueOrder(j)];
            var codes = _features[candidate.FeatureIndex].Codes.Span;
            for (var row = 0; row < Rows; row++) Assert.Equal(candidate.GoesLeft(codes[row]) ? 1 : 0, stolen[(j + 1) * _plan.RowsPerBlock - 1 - row]);
        }

        // On: what really travels, lifted back to the large modulus and divided in the same way, is noise all over the ring.
        using var answer = await scanner.AnswerAsync(request, 0, TestContext.Current.CancellationToken);
        var travelled = LiftedSecondPolynomial(lattice, answer);
        var guess = Divide(lattice, travelled, mask);
        Assert.True(guess.Count(value => value is 0 or 1) < guess.Length / 100);
    }

    [Fact]
    public async Task Two_answers_about_the_same_candidates_have_nothing_in_common_but_the_sums()
    {
        using var scan = new GradientScan(_plan, 1, 1);
        scan.BeginTree(_gradients);
        using var payload = await scan.RequestAsync([new ScanNode(0, Enumerable.Range(0, Rows).ToArray())], TestContext.Current.CancellationToken);
        var lattice = scan.PublicKey.Context;
        var request = ScanRequest.Read(_plan, lattice, payload.AsSequence());
        await using var summation = new LocalSummation(_plan, lattice, FeatureCodes.Of(_features), new PartySettings());
        var scanner = new CandidateScanner(new ScanSetup(_plan, lattice, scan.PublicKey, null), summation, new PartySettings());
        scanner.BeginTree(0, _owner.CandidatesOf(0));

        using var first = await scanner.AnswerAsync(request, 0, TestContext.Current.CancellationToken);
        using var second = await scanner.AnswerAsync(request, 0, TestContext.Current.CancellationToken);

        var count = _owner.CandidatesOf(0).Count;
        Assert.Equal(scan.Decrypt("source", 1, count, first.AsSequence(), default).Sums[0], scan.Decrypt("source", 1, count, second.AsSequence(), default).Sums[0]);
        var (a, b) = (first.ToArray(), second.ToArray());
        const int header = 12;
        var equal = Enumerable.Range(header, a.Length - header).Count(i => a[i] == b[i]);
        Assert.InRange(equal / (double)(a.Length - header), 0, 0.01);
    }

    [Theory]
    [InlineData(1e9, false)]
    [InlineData(1e4, true)]
    public async Task Sums_are_exact_for_every_candidate_and_come_in_another_order_for_every_tree(double bitsPerSecond, bool isPacked)
    {
        var candidates = _owner.CandidatesOf(0);
        // So few candidates would not be packed on any line; the plan is made for a source that has many.
        var plan = ScanPlan.Find(Rows, _gradients.Quantizer.MaximumGradientSum, 4, 100_000, [isPacked ? 50_000 : candidates.Count], bitsPerSecond);
        Assert.Equal(isPacked, plan.Packing is not null);
        using var scan = new GradientScan(plan, 1, 1);
        scan.BeginTree(_gradients);
        using var written = ScanSetup.Write(scan);
        var setup = ScanSetup.Read(written.AsSequence(), Rows);
        await using var summation = new LocalSummation(plan, setup.Lattice, FeatureCodes.Of(_features), new PartySettings());
        var scanner = new CandidateScanner(setup, summation, new PartySettings());
        ScanNode[] nodes = [new(0, Enumerable.Range(0, Rows).ToArray()), new(1, Enumerable.Range(0, Rows).Where(row => row % 7 < 3).ToArray())];
        var expected = nodes.Select(node => candidates.Select(candidate => Sum(candidate, node)).ToArray()).ToArray();
        var orders = new HashSet<string>();
        for (var tree = 0; tree < 3; tree++)
        {
            using var payload = await scan.RequestAsync([.. nodes], TestContext.Current.CancellationToken);
            var request = ScanRequest.Read(plan, setup.Lattice, payload.AsSequence());
            scanner.BeginTree(tree, candidates);
            using var answer = await scanner.AnswerAsync(request, tree, TestContext.Current.CancellationToken);
            var (sums, stored) = scan.Decrypt("source", 2, candidates.Count, answer.AsSequence(), default);

            Assert.Equal(tree, stored);
            for (var node = 0; node < 2; node++)
            {
                for (var i = 0; i < candidates.Count; i++) Assert.Equal(expected[node][scanner.ToCatalogueOrder(i)], sums[node][i]);
            }
            orders.Add(string.Join(',', Enumerable.Range(0, candidates.Count).Select(scanner.ToCatalogueOrder)));
        }
        Assert.Equal(3, orders.Count);
    }

    [Fact]
    public void A_setup_that_is_cut_or_changed_is_refused()
    {
        var plan = ScanPlan.Find(Rows, _gradients.Quantizer.MaximumGradientSum, 4, 100_000, [50_000], 1e4);
        Assert.NotNull(plan.Packing);
        using var scan = new GradientScan(plan, 1, 1);
        using var written = ScanSetup.Write(scan);
        var bytes = written.ToArray();

        Assert.Throws<ProtocolException>(() => ScanSetup.Read(new(bytes.AsMemory(0, bytes.Length - 1)), Rows));
        Assert.Throws<ProtocolException>(() => ScanSetup.Read(new(bytes), Rows + 1));
        // The special prime stands after the degree and two primes; one more is no prime of this ring.
        bytes[4 + 4 + (8 * plan.Parameters.Primes.Count)]++;
        Assert.Throws<ProtocolException>(() => ScanSetup.Read(new(bytes), Rows));
    }

    private GradientPair Sum(SplitCandidate candidate, ScanNode node)
    {
        long gradient = 0, hessian = 0;
        foreach (var row in node.Rows.Span)
        {
            if (!candidate.GoesLeft(_features[candidate.FeatureIndex].Codes.Span[row])) continue;
            gradient += _gradients.Gradients.Span[row];
            hessian += _gradients.Hessians.Span[row];
        }
        return new GradientPair(gradient, hessian);
    }

    /// <summary>polynomial / c1 of the ciphertext, coefficient by coefficient modulo the first prime, balanced.</summary>
    private static double[] Divide(LatticeContext lattice, double[] polynomial, Ciphertext ciphertext)
    {
        var degree = lattice.Parameters.Degree;
        var prime = (BigInteger)lattice.Parameters.Primes[0];
        var evaluation = polynomial.ToArray();
        lattice.Forward(evaluation);
        lattice.Reduce(evaluation);
        for (var i = 0; i < degree; i++)
        {
            var inverse = BigInteger.ModPow((BigInteger)ciphertext.Second[i] + prime, prime - 2, prime);
            var quotient = ((BigInteger)evaluation[i] + prime) * inverse % prime;
            evaluation[i] = (double)(quotient > prime / 2 ? quotient - prime : quotient);
        }
        lattice.Inverse(evaluation);
        lattice.Reduce(evaluation);
        return evaluation[..degree];
    }

    private double[] LiftedSecondPolynomial(LatticeContext lattice, PayloadBuffer answer)
    {
        var degree = lattice.Parameters.Degree;
        var size = ScanAnswer.SerializedSize(degree, 2 * _plan.CandidatesPerAnswer, _plan.AnswerBits);
        var body = ScanAnswer.Read(answer.AsSequence().Slice(12, size), degree, 2 * _plan.CandidatesPerAnswer, _plan.AnswerBits);
        var values = new long[2 * _plan.CandidatesPerAnswer];
        var second = new long[degree];
        body.Unpack(values, second);
        var modulus = lattice.Parameters.Primes.Aggregate(BigInteger.One, (product, prime) => product * prime);
        var lifted = new double[lattice.PolynomialLength];
        for (var i = 0; i < degree; i++)
        {
            var coefficient = (second[i] * modulus + (BigInteger.One << _plan.AnswerBits - 1)) >> _plan.AnswerBits;
            for (var prime = 0; prime < lattice.Parameters.Primes.Count; prime++) lifted[prime * degree + i] = (double)(coefficient % lattice.Parameters.Primes[prime]);
        }
        return lifted;
    }
}
