using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;

namespace FedLab.Kernel.Session;

/// <summary>
/// The language of the compiler's messages. Its Chinese stands under <c>zh-Hans</c>; without the system's culture data, which FedLab does without,
/// .NET looks for <c>zh-HANS</c>, which a file system that tells letters apart does not have: so the assemblies are found for it here.
/// </summary>
internal static class CompilerLanguage
{
    private const string Chinese = "zh-Hans";

    static CompilerLanguage() => AssemblyLoadContext.Default.Resolving += Resolve;

    /// <summary>The culture of the compiler's messages that fits the notebook's.</summary>
    public static CultureInfo Current =>
        CultureInfo.CurrentUICulture.Name.StartsWith("zh", StringComparison.Ordinal) ? CultureInfo.GetCultureInfo(Chinese) : CultureInfo.InvariantCulture;

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name)
    {
        if (!string.Equals(name.CultureName, Chinese, StringComparison.OrdinalIgnoreCase) || name.Name?.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) != true) return null;
        var path = Path.Combine(AppContext.BaseDirectory, Chinese, name.Name + ".dll");
        return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
    }
}
