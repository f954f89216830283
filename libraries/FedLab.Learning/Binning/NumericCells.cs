namespace FedLab.Learning;

/// <summary>
/// What the holders know together of one numeric column: how many rows lie in each of ever narrower cells. The same at every holder,
/// because nothing but sums goes in.
/// <code>
///   universal grid ─► counts ─► cells in which a cut lies ─► divided ─► counts ─► … ─► thresholds
/// </code>
/// </summary>
internal sealed class NumericCells(string name, int maximumBins)
{
    /// <summary>What an edge may be off, as a share of the rows that have a value: in the end no cell with a cut holds more, unless it is one value.</summary>
    private const int LeastShare = 1000;

    /// <summary>In the first refinements cells near a cut are divided down to this share: errors of one cut, which move the next, stay small.</summary>
    private const int NearShare = 4000;

    /// <summary>How near that is, as a share of the rows: cuts move by less when the values in the cells before them are told apart.</summary>
    private const int NearReach = 400;

    /// <summary>Refinements of all that may matter.</summary>
    private const int BroadRounds = 2;

    /// <summary>Refinements, the broad ones included, of cells with a cut down to <see cref="NearShare"/>.</summary>
    private const int FineRounds = 6;

    private const int LeastParts = 4;
    private const int MostParts = 1024;

    private List<(GridCell Cell, long Count)> _cells = [];
    private List<int> _cuts = [];
    private List<int> _undecided = [];
    private long _missing;
    private int _rounds;

    /// <summary>The cells whose counts are wanted next, none when the thresholds are settled.</summary>
    public IReadOnlyList<GridCell> Wanted { get; private set; } = GridCell.Universal;

    /// <summary>Takes the counts of <see cref="Wanted"/> and plans the next question.</summary>
    /// <param name="counts">A count for every wanted cell, at least 0.</param>
    /// <param name="missing">Number of rows without a value, as of the first round.</param>
    /// <returns>Whether the counts of divided cells add up.</returns>
    public bool Take(ReadOnlySpan<long> counts, long missing)
    {
        _missing = missing;
        var next = new List<(GridCell Cell, long Count)>(_cells.Count + counts.Length);
        var (position, old, divided) = (0, 0, 0);
        for (; _rounds > 0 && old < _cells.Count; old++)
        {
            if (divided >= _undecided.Count || _undecided[divided] != old)
            {
                next.Add(_cells[old]);
                continue;
            }

            divided++;
            var rest = _cells[old].Count;
            for (; position < Wanted.Count && Wanted[position].High <= _cells[old].Cell.High; position++)
            {
                rest -= counts[position];
                if (counts[position] > 0)
                    next.Add((Wanted[position], counts[position]));
            }

            if (rest != 0)
                return false;
        }

        for (; position < Wanted.Count; position++)
        {
            if (counts[position] > 0)
                next.Add((Wanted[position], counts[position]));
        }

        _cells = next;
        Plan();
        return true;
    }

    /// <summary>The feature's bins, once nothing more is wanted.</summary>
    public FeatureBins ToBins()
    {
        var thresholds = _cuts.ConvertAll(cut => OrderedKey.ShortestBetween(_cells[cut].Cell.High, _cells[cut + 1].Cell.Low));
        return FeatureBins.Numeric(name, [.. thresholds], hasValues: _cells.Count > 0, hasMissing: _missing > 0);
    }

    /// <summary>
    /// First all cells that hold more than 1/1000 of the rows are divided and those near a cut that hold more than 1/4000, the fuller
    /// into more parts: cuts depend on those before them, and a heavy value that shows late would move them all. Then a few times cells
    /// with a cut that hold more than 1/4000, or any number if the side of a heavy value hangs on them, and after that only those with
    /// more than 1/1000.
    /// </summary>
    private void Plan()
    {
        var counts = _cells.ConvertAll(cell => cell.Count);
        var present = counts.Sum();
        bool[] isRange = [.. _cells.Select(cell => !cell.Cell.IsNumber)];
        (_cuts, var withCut, var pivotal) = QuantileCuts.Choose([.. counts], isRange, maximumBins);

        // One row is one value.
        var least = Math.Max(1, present / LeastShare);
        var leastNear = Math.Max(1, present / NearShare);
        if (_rounds < BroadRounds)
        {
            var near = CellsNearCuts(counts, present / NearReach);
            _undecided = [.. Enumerable.Range(0, counts.Count).Where(i => isRange[i] && counts[i] > (near[i] ? leastNear : least))];
        }
        else
        {
            _undecided = withCut.FindAll(i => counts[i] > (_rounds >= FineRounds ? least : pivotal.BinarySearch(i) >= 0 ? 1 : leastNear));
        }

        _rounds++;
        Wanted = [.. _undecided.SelectMany(i => _cells[i].Cell.Divide(PartsFor(counts[i], present)))];
    }

    /// <summary>Which cells have a row within so many rows of a cut.</summary>
    private bool[] CellsNearCuts(List<long> counts, long reach)
    {
        var near = new bool[counts.Count];
        foreach (var cut in _cuts)
        {
            var rows = 0L;
            for (var i = cut; i >= 0 && rows <= reach; rows += counts[i--])
                near[i] = true;
            rows = 0;
            for (var i = cut + 1; i < near.Length && rows <= reach; rows += counts[i++])
                near[i] = true;
        }

        return near;
    }

    /// <summary>Parts that hold 1/2000 of the rows each if the cell's rows are spread evenly.</summary>
    private static int PartsFor(long count, long present) =>
        (int)Math.Clamp(System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)(2 * LeastShare * count / present)), LeastParts, MostParts);
}
