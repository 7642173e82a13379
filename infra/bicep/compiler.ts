import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const version = '0.49.2';
const packageName = 'Azure.Bicep.CommandLine.linux-x64';
const cache = fileURLToPath(new URL('../../node_modules/.cache/bicep/', import.meta.url));

/** This machine has no Bicep compiler, and none can be installed on it. */
export class NoCompilerError extends Error {
  constructor(reason: string) {
    super(
      `No Bicep compiler was found (${reason}): put bicep on the PATH, name it in BICEP, or install a .NET SDK on Linux, ` +
        'which gets it from NuGet.',
    );
    this.name = 'NoCompilerError';
  }
}

/**
 * Returns the path of the compiler: the file that BICEP names, `bicep` on the PATH, or the package on NuGet, restored once
 * by a .NET SDK. Throws {@link NoCompilerError} if none of these is available.
 */
export function findCompiler(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['BICEP'];
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new NoCompilerError('BICEP names a file that does not exist');
  }
  return onPath(environment['PATH'] ?? '') ?? fromNuGet(environment);
}

function onPath(path: string): string | undefined {
  const names = process.platform === 'win32' ? ['bicep.exe', 'bicep.cmd'] : ['bicep'];
  const candidates = path.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  return candidates.find((candidate) => existsSync(candidate));
}

function fromNuGet(environment: NodeJS.ProcessEnv): string {
  const compiler = join(cache, 'packages', packageName.toLowerCase(), version, 'tools', 'bicep');
  if (existsSync(compiler)) return compiler;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new NoCompilerError('the NuGet package is for Linux on x64');
  mkdirSync(cache, { recursive: true });
  const project = join(cache, 'bicep.csproj');
  writeFileSync(project, projectText);
  const restored = spawnSync('dotnet', ['restore', project, '--packages', join(cache, 'packages')], {
    encoding: 'utf8',
    env: { ...environment, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1' },
  });
  if (restored.error !== undefined) throw new NoCompilerError('no .NET SDK is installed');
  if (restored.status !== 0 || !existsSync(compiler)) {
    throw new NoCompilerError(`NuGet did not provide it: ${restored.stdout.trim().split('\n').at(-1)}`);
  }
  chmodSync(compiler, 0o755);
  return compiler;
}

const projectText = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net8.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="${packageName}" Version="[${version}]" /></ItemGroup>
</Project>
`;
