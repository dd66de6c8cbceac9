// Runs before every test file. Two switches, so that the whole suite can be run again under other conditions:
//   SIMDGRAD_DETACH=1      every allocation detaches the views held before it
//   SIMDGRAD_SIMD=baseline the kernels without fused multiply-add, also where the engine has it
import { init } from '../../src/index';
import { DETACH, resetDebug } from './detach';

const { SIMDGRAD_SIMD } = process.env;

if (SIMDGRAD_SIMD === 'baseline' || SIMDGRAD_SIMD === 'relaxed') await init({ simd: SIMDGRAD_SIMD });
if (DETACH) resetDebug();
