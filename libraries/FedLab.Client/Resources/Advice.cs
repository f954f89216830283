using System.Globalization;
using System.Resources;

namespace FedLab.Client.Resources;

/// <summary>What a caller can do about something that is wrong, in the language of the current UI culture.</summary>
internal static class Advice
{
    private static readonly ResourceManager Manager = new("FedLab.Client.Resources.Advice", typeof(Advice).Assembly);

    /// <summary>The advice to a caller.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="name">Name of the advice.</param>
    public static string Text(string caller, string name) => Manager.GetString(caller + name, CultureInfo.CurrentUICulture) ?? name;
}
