using System.Globalization;

namespace FedLab.Notebook.Labs;

/// <summary>Points in time as people read them.</summary>
internal static class Moments
{
    /// <summary>A moment, UTC to the second.</summary>
    public static string Text(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
