namespace FedLab.Kernel.Tests.Notebooks;

/// <summary>Jupyter's own programs, which Debian packages as jupyter-nbconvert.</summary>
internal static class JupyterTools
{
    private const string Missing = "jupyter-nbconvert is not installed (apt-get install jupyter-nbconvert).";

    /// <summary>Skips the test where Jupyter is not there, or fails it where FEDLAB_REQUIRE_TOOLS is 1.</summary>
    public static void Require()
    {
        if ((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "jupyter-nbconvert")))) return;
        if (Environment.GetEnvironmentVariable("FEDLAB_REQUIRE_TOOLS") == "1") Assert.Fail(Missing);
        Assert.Skip(Missing);
    }
}
