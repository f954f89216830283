namespace FedLab.Notebook.Plots.Charts;

/// <summary>Fewer points for the same picture: a curve of a million rows is a few hundred points on a screen.</summary>
internal static class Thinning
{
    /// <summary>Points of the drawing by which a line may be off: too little to be seen.</summary>
    private const double Tolerance = 0.25;

    /// <summary>Points whose line looks like that of all.</summary>
    /// <param name="points">The points in drawing units, from left to right.</param>
    public static List<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> points) => Simplify(KeepExtremes(points));

    /// <summary>Of the points in one half unit of width the first, the lowest, the highest and the last.</summary>
    private static List<(double X, double Y)> KeepExtremes(IReadOnlyList<(double X, double Y)> points)
    {
        var kept = new List<(double, double)>();
        for (var start = 0; start < points.Count;)
        {
            var column = Math.Floor(points[start].X * 2);
            var (low, high, end) = (start, start, start);
            for (; end < points.Count && Math.Floor(points[end].X * 2) == column; end++)
            {
                if (points[end].Y < points[low].Y) low = end;
                if (points[end].Y > points[high].Y) high = end;
            }

            foreach (var index in new SortedSet<int> { start, low, high, end - 1 }) kept.Add(points[index]);
            start = end;
        }

        return kept;
    }

    /// <summary>Takes out points that lie on the line between their neighbours (Douglas and Peucker, 1973), without recursion.</summary>
    private static List<(double X, double Y)> Simplify(List<(double X, double Y)> points)
    {
        if (points.Count < 3) return points;
        var stays = new bool[points.Count];
        stays[0] = stays[^1] = true;
        var parts = new Stack<(int First, int Last)>([(0, points.Count - 1)]);
        while (parts.TryPop(out var part))
        {
            var (farthest, distance) = (-1, Tolerance);
            for (var i = part.First + 1; i < part.Last; i++)
            {
                var d = Distance(points[i], points[part.First], points[part.Last]);
                if (d > distance) (farthest, distance) = (i, d);
            }

            if (farthest < 0) continue;
            stays[farthest] = true;
            parts.Push((part.First, farthest));
            parts.Push((farthest, part.Last));
        }

        return [.. points.Where((_, i) => stays[i])];
    }

    private static double Distance((double X, double Y) point, (double X, double Y) from, (double X, double Y) to)
    {
        var (dx, dy) = (to.X - from.X, to.Y - from.Y);
        var length = (dx * dx) + (dy * dy);
        var along = length == 0 ? 0 : Math.Clamp((((point.X - from.X) * dx) + ((point.Y - from.Y) * dy)) / length, 0, 1);
        var (ox, oy) = (point.X - from.X - (along * dx), point.Y - from.Y - (along * dy));
        return Math.Sqrt((ox * ox) + (oy * oy));
    }
}
