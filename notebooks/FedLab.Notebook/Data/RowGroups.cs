namespace FedLab.Notebook.Data;

/// <summary>Rows that agree in some columns: the ground of grouping and merging.</summary>
internal sealed class RowGroups
{
    private RowGroups(int[] codes, List<int> firstRows, bool[] isIncomplete) => (Codes, FirstRows, IsIncomplete) = (codes, firstRows, isIncomplete);

    /// <summary>For every row its group, in order of first appearance.</summary>
    public int[] Codes { get; }

    /// <summary>Where each group first stands.</summary>
    public List<int> FirstRows { get; }

    /// <summary>For every row whether one of the columns has no value.</summary>
    public bool[] IsIncomplete { get; }

    /// <summary>The groups of some columns; missing values are one value.</summary>
    /// <param name="columns">At least one, of equal length.</param>
    public static RowGroups Of(IReadOnlyList<DataFrameColumn> columns)
    {
        var groups = new int[columns[0].Length];
        var isIncomplete = new bool[groups.Length];
        List<int> firstRows = [];
        foreach (var column in columns)
        {
            var (codes, _) = column.Codes();
            var groupOf = new Dictionary<(int Group, int Code), int>();
            firstRows = [];
            for (var row = 0; row < groups.Length; row++)
            {
                isIncomplete[row] |= codes[row] < 0;
                ref var group = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(groupOf, (groups[row], codes[row]), out var known);
                if (!known)
                {
                    group = firstRows.Count;
                    firstRows.Add(row);
                }

                groups[row] = group;
            }
        }

        return new RowGroups(groups, firstRows, isIncomplete);
    }

    /// <summary>The rows of every group, in their order.</summary>
    public int[][] RowsByGroup()
    {
        var counts = new int[FirstRows.Count];
        foreach (var code in Codes) counts[code]++;
        var rows = Array.ConvertAll(counts, count => new int[count]);
        Array.Clear(counts);
        for (var row = 0; row < Codes.Length; row++) rows[Codes[row]][counts[Codes[row]]++] = row;
        return rows;
    }
}
