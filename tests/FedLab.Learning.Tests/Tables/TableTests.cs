namespace FedLab.Learning.Tests.Tables;

public sealed class TableTests
{
    private static readonly Table Table = new([new NumericColumn("x", [1, 2, double.NaN]), new CategoricalColumn("c", ["a", "b"], [1, -1, 0])]);

    [Fact]
    public void Rows_are_taken_in_order_and_row_minus_one_is_missing()
    {
        var taken = Table.TakeRows([2, -1, 0, 0]);
        Assert.Equal(4, taken.RowCount);
        Assert.Equal([double.NaN, double.NaN, 1, 1], ((NumericColumn)taken["x"]).Values.ToArray());
        Assert.Equal(["a", null, "b", "b"], Enumerable.Range(0, 4).Select(((CategoricalColumn)taken["c"]).CategoryOf));
        Assert.True(taken["c"].IsMissing(1) && !taken["c"].IsMissing(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Table.TakeRows([3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Table.TakeRows([-2]));
        Assert.Equal(2, Table.WithoutColumns(5).TakeRows([4, 0]).RowCount);
    }

    [Fact]
    public void Columns_are_found_and_selected_by_name()
    {
        Assert.Equal(["c", "x"], Table.Select(["c", "x"]).Columns.Select(column => column.Name));
        Assert.Equal(3, Table.Select([]).RowCount);
        Assert.Throws<KeyNotFoundException>(() => Table["y"]);
        Assert.Throws<ArgumentException>(() => Table.Select(["x", "x"]));
    }

    [Fact]
    public void What_is_not_a_table_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Table([]));
        Assert.Throws<ArgumentException>(() => new Table([new NumericColumn("x", [1]), new NumericColumn("y", [1, 2])]));
        Assert.Throws<ArgumentException>(() => new NumericColumn(" ", [1]));
        Assert.Throws<ArgumentException>(() => new NumericColumn("x", [double.NegativeInfinity]));
        Assert.Throws<ArgumentException>(() => new CategoricalColumn("c", ["a"], [1]));
        Assert.Throws<ArgumentException>(() => new CategoricalColumn("c", ["a"], [-2]));
        Assert.Throws<ArgumentException>(() => new CategoricalColumn("c", ["a", "a"], [0]));
    }
}
