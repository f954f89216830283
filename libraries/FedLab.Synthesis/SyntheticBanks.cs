using System.Text;

namespace FedLab.Synthesis;

/// <summary>
/// Banks that keep the same columns about different enterprises: a horizontal federation. Each lends to industries, regions and sizes
/// of its own, and the last is small. One law decides who defaults, so that a joint model knows more of it than any bank's own. A
/// function of size and seed, like <see cref="SyntheticPopulation"/>.
/// <code>
/// enterprise i ──► factors, industry, region ──► one bank, by portfolio ──► its row: uscc, features, default
/// </code>
/// </summary>
public sealed class SyntheticBanks
{
    /// <summary>Fewest rows of all banks together.</summary>
    public const int MinimumRows = 3_000;

    /// <summary>Most rows of all banks together.</summary>
    public const int MaximumRows = 2_000_000;

    /// <summary>Rows of the small bank, whatever the others have.</summary>
    public const int SmallBankRows = 800;

    /// <summary>Name of the enterprise identifier's column.</summary>
    public const string KeyColumn = SyntheticInstitution.KeyColumn;

    /// <summary>Name of the column with the outcome, 0 or 1.</summary>
    public const string LabelColumn = "default";

    private const int PortfolioStream = 26;

    private static readonly (string Name, string Chinese, string English, Portfolio Portfolio)[] Plan =
    [
        ("bank-a", "甲银行", "Bank A, industry and trade, larger enterprises", new Portfolio(.44, .75, [.5, .2, -1.2, -.3, 0, -.2, -1.0, -.4], [.5, 0, 0, -.6, .4], .45, .10)),
        ("bank-b", "乙银行", "Bank B, shops and services, the smallest enterprises", new Portfolio(.32, .55, [-.7, .6, -.6, -.4, .2, .4, .6, -.6], [-.2, .5, .4, 0, -.3], -.55, 0)),
        ("bank-c", "丙银行", "Bank C, building, transport and farms in the provinces", new Portfolio(.24, .15, [-.3, -.8, 1.0, .9, -1.0, -.4, -.2, 1.2], [-.6, .3, -.8, 1.2, 0], 0, -.10)),
        ("bank-d", "丁银行", "Bank D, a young bank for young technology enterprises", new Portfolio(0, -1.6, [0, -.5, -.8, -.5, 1.2, .8, -.2, -1.0], [.2, -.5, .8, -.5, .4], -.20, .35)),
    ];

    private readonly ulong _seed;

    private SyntheticBanks(ulong seed, IReadOnlyList<SyntheticBank> banks)
    {
        _seed = seed;
        Banks = banks;
    }

    /// <summary>The features of every bank's file, in its order, without key and label; two are text.</summary>
    public static IReadOnlyList<SyntheticColumn> Columns => LoanColumns.All;

    /// <summary>The banks; no enterprise is at two of them. The last is the small one.</summary>
    public IReadOnlyList<SyntheticBank> Banks { get; }

    /// <summary>The banks of that size and seed.</summary>
    /// <param name="rows">Rows of all banks together, 3,000 to 2,000,000.</param>
    /// <param name="seed">Any number.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too few or too many rows.</exception>
    public static SyntheticBanks Generate(int rows = 8_000, ulong seed = 20260101)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, MinimumRows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, MaximumRows);
        var members = Array.ConvertAll(Plan, bank => new int[bank.Portfolio.Share > 0 ? (int)((rows - SmallBankRows) * bank.Portfolio.Share) : SmallBankRows]);
        Fill(members, seed);
        return new SyntheticBanks(seed, [.. Plan.Select((bank, k) => new SyntheticBank(bank.Name, bank.Chinese, bank.English, bank.Portfolio, members[k]))]);
    }

    /// <summary>Writes a bank's file, gzipped if the path ends in ".gz". The file appears whole or not at all.</summary>
    /// <param name="bank">One of <see cref="Banks"/>.</param>
    /// <param name="path">Where to; an existing file is replaced.</param>
    /// <param name="cancellationToken">Stops and removes what was written.</param>
    public Task WriteCsvAsync(SyntheticBank bank, string path, CancellationToken cancellationToken = default) =>
        SyntheticFile.WriteAsync(path, (stream, token) => WriteCsvAsync(bank, stream, token), cancellationToken);

    /// <summary>Writes a bank's rows as UTF-8 CSV with a header and LF line ends: key, features, label.</summary>
    /// <param name="bank">One of <see cref="Banks"/>.</param>
    /// <param name="stream">Where to; stays open.</param>
    /// <param name="cancellationToken">Stops between blocks of rows.</param>
    public async Task WriteCsvAsync(SyntheticBank bank, Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bank);
        ArgumentNullException.ThrowIfNull(stream);
        var header = string.Join(',', [KeyColumn, .. Columns.Select(column => column.Name), LabelColumn]) + "\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(header), cancellationToken).ConfigureAwait(false);
        await ParallelRows.WriteAsync(stream, bank.Rows, 0, () => new Enterprise(_seed), Append, cancellationToken).ConfigureAwait(false);

        void Append(Enterprise enterprise, int position, ByteRowBuffer rows)
        {
            enterprise.Load(bank.Enterprises[position]);
            Span<byte> code = stackalloc byte[EnterpriseIdentifier.Length];
            enterprise.WriteIdentifier(code);
            rows.Append(code);
            foreach (var column in Columns)
            {
                rows.Append((byte)',');
                rows.Append(column, enterprise);
            }

            rows.Append(LoanOutcome.Defaults(enterprise) ? ",1\n"u8 : ",0\n"u8);
        }
    }

    /// <summary>Goes through the population until every bank has its rows; who finds his bank full is nobody's customer.</summary>
    private static void Fill(int[][] members, ulong seed)
    {
        var enterprise = new Enterprise(seed);
        var filled = new int[members.Length];
        Span<double> weights = stackalloc double[members.Length];
        for (var index = 0; filled.AsSpan().IndexOfAnyExcept(-1) >= 0; index++)
        {
            enterprise.Load(index);
            var total = 0.0;
            for (var k = 0; k < weights.Length; k++) total += weights[k] = Plan[k].Portfolio.Weight(enterprise);
            var rest = enterprise.Uniform(PortfolioStream) * total;
            var chosen = 0;
            while (chosen < weights.Length - 1 && (rest -= weights[chosen]) >= 0) chosen++;
            if (filled[chosen] < 0) continue;
            members[chosen][filled[chosen]++] = index;
            if (filled[chosen] == members[chosen].Length) filled[chosen] = -1;
        }
    }
}
