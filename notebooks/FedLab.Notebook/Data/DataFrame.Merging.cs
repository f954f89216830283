using FedLab.Data;

namespace FedLab.Notebook.Data;

/// <summary>Which rows <see cref="DataFrame.Merge(DataFrame, IReadOnlyList{string}, IReadOnlyList{string}, string, string, JoinAlgorithm)"/> keeps that have no partner.</summary>
public enum JoinAlgorithm
{
    /// <summary>Those of this frame.</summary>
    Left,

    /// <summary>Those of the other frame.</summary>
    Right,

    /// <summary>Those of both.</summary>
    FullOuter,

    /// <summary>None.</summary>
    Inner,
}

public sealed partial class DataFrame
{
    /// <summary>The rows by the values of columns, for figures of each group.</summary>
    /// <param name="columnNames">One or several columns.</param>
    /// <exception cref="FrameException">There is no such column.</exception>
    public GroupBy GroupBy(params IEnumerable<string> columnNames)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        var keys = columnNames.ToArray();
        if (keys.Length == 0) throw new ArgumentException("A column is needed.", nameof(columnNames));
        return new GroupBy(this, keys);
    }

    /// <summary>The rows of two frames that have the same value in a column, side by side.</summary>
    /// <param name="other">The other frame.</param>
    /// <param name="columnName">A column of both.</param>
    /// <param name="joinAlgorithm">Which rows without a partner stay.</param>
    /// <exception cref="FrameException">The column is missing in one of the two or holds something else there.</exception>
    public DataFrame Merge(DataFrame other, string columnName, JoinAlgorithm joinAlgorithm = JoinAlgorithm.Left) =>
        Merge(other, [columnName], [columnName], joinAlgorithm: joinAlgorithm);

    /// <summary>
    /// The rows of two frames that have the same values in some columns, side by side, in the order of this frame and then of the other.
    /// Missing values are equal to none. A joining column that has one name in both stands once; other columns of one name get suffixes.
    /// </summary>
    /// <param name="other">The other frame.</param>
    /// <param name="leftJoinColumns">Columns of this frame.</param>
    /// <param name="rightJoinColumns">As many columns of the other.</param>
    /// <param name="leftSuffix">Behind this frame's name of a column that both have.</param>
    /// <param name="rightSuffix">Behind the other's.</param>
    /// <param name="joinAlgorithm">Which rows without a partner stay.</param>
    /// <exception cref="FrameException">A column is missing or holds something else than its partner, or there are too many pairs.</exception>
    public DataFrame Merge(
        DataFrame other, IReadOnlyList<string> leftJoinColumns, IReadOnlyList<string> rightJoinColumns,
        string leftSuffix = "_left", string rightSuffix = "_right", JoinAlgorithm joinAlgorithm = JoinAlgorithm.Left)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentNullException.ThrowIfNull(leftJoinColumns);
        ArgumentNullException.ThrowIfNull(rightJoinColumns);
        if (leftJoinColumns.Count == 0 || leftJoinColumns.Count != rightJoinColumns.Count)
            throw new ArgumentException("As many joining columns of the one frame as of the other, and at least one.", nameof(rightJoinColumns));

        var keys = leftJoinColumns.Zip(rightJoinColumns, (left, right) => SameType(Columns[left], other.Columns[right]).Concatenate(other.Columns[right])).ToArray();
        var (leftRows, rightRows) = MatchRows(RowGroups.Of(keys), joinAlgorithm);
        var shared = leftJoinColumns.Zip(rightJoinColumns).Where(pair => pair.First == pair.Second).Select(pair => pair.First).ToHashSet(StringComparer.Ordinal);
        // Where this frame has no row the joining columns that stand once take the other's value.
        var ofEither = leftRows.Zip(rightRows, (left, right) => left >= 0 ? left : RowCount + right).ToArray();
        var columns = new List<DataFrameColumn>();
        foreach (var column in Columns)
        {
            if (shared.Contains(column.Name)) columns.Add(keys[leftJoinColumns.ToList().IndexOf(column.Name)].Take(ofEither));
            else columns.Add(Suffixed(column, other.Columns.Contains(column.Name), leftSuffix).Take(leftRows));
        }

        columns.AddRange(other.Columns.Where(column => !shared.Contains(column.Name))
            .Select(column => Suffixed(column, Columns.Contains(column.Name), rightSuffix).Take(rightRows)));
        return new DataFrame(columns);
    }

    /// <summary>The columns of two frames side by side, row by row; the shorter one ends in missing values.</summary>
    /// <param name="other">The other frame.</param>
    /// <param name="leftSuffix">Behind this frame's name of a column that both have.</param>
    /// <param name="rightSuffix">Behind the other's.</param>
    /// <param name="joinAlgorithm">Whose number of rows counts: of this frame, of the other, the greater or the smaller.</param>
    public DataFrame Join(DataFrame other, string leftSuffix = "_left", string rightSuffix = "_right", JoinAlgorithm joinAlgorithm = JoinAlgorithm.Left)
    {
        ArgumentNullException.ThrowIfNull(other);
        var rows = joinAlgorithm switch
        {
            JoinAlgorithm.Left => RowCount,
            JoinAlgorithm.Right => other.RowCount,
            JoinAlgorithm.Inner => Math.Min(RowCount, other.RowCount),
            _ => Math.Max(RowCount, other.RowCount),
        };
        return new DataFrame([
            .. Columns.Select(column => Suffixed(column, other.Columns.Contains(column.Name), leftSuffix).Take(Numbered(RowCount))),
            .. other.Columns.Select(column => Suffixed(column, Columns.Contains(column.Name), rightSuffix).Take(Numbered(other.RowCount)))]);

        int[] Numbered(int length) => [.. Enumerable.Range(0, rows).Select(row => row < length ? row : -1)];
    }

    private static DataFrameColumn Suffixed(DataFrameColumn column, bool stands, string suffix) => stands ? column.Clone(column.Name + suffix) : column;

    /// <summary>Pairs of rows; −1 on the side that has none.</summary>
    /// <param name="groups">Groups over this frame's rows and, behind them, the other's.</param>
    /// <param name="joinAlgorithm">Which rows without a partner stay.</param>
    private (int[] Left, int[] Right) MatchRows(RowGroups groups, JoinAlgorithm joinAlgorithm)
    {
        var left = new List<int>();
        var right = new List<int>();
        var rowsByGroup = groups.RowsByGroup();
        var isTaken = new bool[groups.Codes.Length];
        for (var row = 0; row < RowCount; row++)
        {
            var partners = groups.IsIncomplete[row] ? [] : OfOther(rowsByGroup[groups.Codes[row]]);
            foreach (var partner in partners)
            {
                Add(row, partner - RowCount);
                isTaken[partner] = true;
            }

            if (partners.IsEmpty && joinAlgorithm is JoinAlgorithm.Left or JoinAlgorithm.FullOuter) Add(row, -1);
        }

        for (var row = RowCount; row < isTaken.Length && joinAlgorithm is JoinAlgorithm.Right or JoinAlgorithm.FullOuter; row++)
        {
            if (!isTaken[row]) Add(-1, row - RowCount);
        }

        return ([.. left], [.. right]);

        // A group's rows rise: those of the other frame are behind this frame's.
        ReadOnlySpan<int> OfOther(int[] rows)
        {
            var first = Array.BinarySearch(rows, RowCount);
            return rows.AsSpan(first < 0 ? ~first : first);
        }

        void Add(int leftRow, int rightRow)
        {
            if (left.Count == DataLimits.MaximumRows) throw FrameMessages.JoinTooLarge(DataLimits.MaximumRows);
            left.Add(leftRow);
            right.Add(rightRow);
        }
    }
}
