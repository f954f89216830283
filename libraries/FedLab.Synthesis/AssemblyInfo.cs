using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("FedLab.Synthesis.Tests")]
