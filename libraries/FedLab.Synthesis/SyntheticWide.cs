using System.Globalization;
using System.Text;

namespace FedLab.Synthesis;

/// <summary>
/// A bank and a source with many plain numeric features, for benchmarks of scale: N enterprises, F source features, five bank
/// features and a label that depends on some of both. Either side lacks a tenth of the enterprises, and their row orders differ, so
/// alignment has work to do. A function of size and seed, like <see cref="SyntheticPopulation"/>.
/// </summary>
public sealed class SyntheticWide
{
    /// <summary>Features that the bank holds.</summary>
    public const int BankFeatureCount = 5;

    /// <summary>Most source features.</summary>
    public const int MaximumSourceFeatures = 1_000;

    private const int BankMemberStream = 1;
    private const int SourceMemberStream = 2;
    private const int LabelStream = 3;
    private const int FirstBankStream = 10;
    private const int FirstSourceStream = 100;
    private const int Decimals = 3;

    private readonly int _rows;
    private readonly int _sourceFeatures;
    private readonly ulong _seed;

    private SyntheticWide(int rows, int sourceFeatures, ulong seed)
    {
        _rows = rows;
        _sourceFeatures = sourceFeatures;
        _seed = seed;
    }

    /// <summary>The wide population of that size.</summary>
    /// <param name="rows">Enterprises, 1,000 to 5,000,000.</param>
    /// <param name="sourceFeatures">Features of the source, 1 to 1,000.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size outside its range.</exception>
    public static SyntheticWide Generate(int rows, int sourceFeatures, ulong seed = 20260101)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, SyntheticPopulation.MinimumEnterprises);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, SyntheticPopulation.MaximumEnterprises);
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceFeatures, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sourceFeatures, MaximumSourceFeatures);
        return new SyntheticWide(rows, sourceFeatures, seed);
    }

    /// <summary>Writes the bank's file: uscc, b1 to b5, default. Gzipped if the path ends in ".gz".</summary>
    public Task WriteBankAsync(string path, CancellationToken cancellationToken = default) =>
        WriteAsync(path, BankMemberStream, FirstBankStream, BankFeatureCount, 'b', withLabel: true, multiplier: 1, cancellationToken);

    /// <summary>Writes the source's file: uscc, s1 to sF. Gzipped if the path ends in ".gz".</summary>
    public Task WriteSourceAsync(string path, CancellationToken cancellationToken = default) =>
        WriteAsync(path, SourceMemberStream, FirstSourceStream, _sourceFeatures, 's', withLabel: false, multiplier: 69_313, cancellationToken);

    private Task WriteAsync(
        string path, int memberStream, int firstStream, int features, char prefix, bool withLabel, int multiplier, CancellationToken cancellationToken)
    {
        var header = new StringBuilder(SyntheticInstitution.KeyColumn);
        for (var f = 1; f <= features; f++) header.Append(CultureInfo.InvariantCulture, $",{prefix}{f}");
        header.Append(withLabel ? ",default\n" : "\n");
        var order = RowOrder.Of(multiplier, _rows);
        return SyntheticFile.WriteAsync(
            path,
            async (stream, token) =>
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(header.ToString()), token).ConfigureAwait(false);
                await ParallelRows.WriteAsync(stream, _rows, 0, () => this, Append, token).ConfigureAwait(false);
            },
            cancellationToken);

        void Append(SyntheticWide self, int position, ByteRowBuffer rows)
        {
            var enterprise = order[position];
            if (RandomLayer.Uniform(_seed, enterprise, memberStream) < .1) return;
            Span<byte> code = stackalloc byte[EnterpriseIdentifier.Length];
            EnterpriseIdentifier.Write(enterprise, soleTrader: false, "440300"u8, code);
            rows.Append(code);
            for (var f = 0; f < features; f++)
            {
                rows.Append((byte)',');
                rows.AppendScaled(Values.ThreeDecimals(RandomLayer.Normal(_seed, enterprise, firstStream + f)), Decimals);
            }

            if (withLabel) rows.Append(Defaults(enterprise) ? ",1"u8 : ",0"u8);
            rows.Append((byte)'\n');
        }
    }

    /// <summary>A logistic model of two bank features and the first three source features, about one default in eight.</summary>
    private bool Defaults(int enterprise)
    {
        var margin = -2.5;
        for (var f = 0; f < 2; f++) margin += .5 * RandomLayer.Normal(_seed, enterprise, FirstBankStream + f);
        for (var f = 0; f < Math.Min(3, _sourceFeatures); f++) margin += .6 * RandomLayer.Normal(_seed, enterprise, FirstSourceStream + f);
        return RandomLayer.Uniform(_seed, enterprise, LabelStream) < 1 / (1 + Math.Exp(-margin));
    }
}
