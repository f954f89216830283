using System.Globalization;

namespace FedLab.Notebook.Tests;

/// <summary>The language of what is shown, for the length of a test.</summary>
internal sealed class Language : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentUICulture;

    public Language(string name) => CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(name);

    public void Dispose() => CultureInfo.CurrentUICulture = _before;
}
